import { ColorPicker, ColorSwatch, Popover, TextInput, UnstyledButton } from "@mantine/core";
import { t } from "@/i18n";
import type { FieldBinding } from "@/ui/Field";

interface Typed {
  text: string;
  type: (text: string) => void;
  leave: () => void;
}

/** A colour: typed, or picked from a field that has names for readers of screens. */
export function ColourField({
  f,
  path,
  typed,
  disabled,
}: {
  f: FieldBinding;
  path: string;
  typed: Typed;
  disabled: boolean;
}) {
  const known = /^#[0-9a-fA-F]{6}$/.test(typed.text);
  return (
    <TextInput
      {...f}
      data-path={path}
      value={typed.text}
      onChange={(e) => typed.type(e.currentTarget.value.trim())}
      onBlur={typed.leave}
      disabled={disabled}
      maw={260}
      leftSection={
        <Popover position="bottom-start" withinPortal trapFocus disabled={disabled}>
          <Popover.Target>
            <UnstyledButton aria-label={t("Pick a colour")} disabled={disabled}>
              <ColorSwatch component="span" color={known ? typed.text : "#888888"} size={18} />
            </UnstyledButton>
          </Popover.Target>
          <Popover.Dropdown>
            <ColorPicker
              format="hex"
              value={known ? typed.text : "#888888"}
              onChange={typed.type}
              saturationLabel={t("Saturation and lightness")}
              hueLabel={t("Hue")}
            />
          </Popover.Dropdown>
        </Popover>
      }
    />
  );
}
