import { ActionIcon, Group, Input, Text, Tooltip } from "@mantine/core";
import { Undo2 } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useBasket } from "@/basket/useBasket";
import { t } from "@/i18n";
import classes from "./Field.module.css";

export interface FieldBinding {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
  error: boolean;
}

/**
 * A labelled input: `<Field label={t("Name")} error={problem?.at("name")}>{(f) => <TextInput {...f}
 * value=… onChange=… />}</Field>`. With `path` the input edits a parameter through the change
 * basket: it is marked when changed, can be put back, and shows what the server found about it.
 */
export function Field({
  label,
  hint,
  error,
  unit,
  path,
  before,
  required,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  unit?: string;
  /** The parameter's path, such as `points.price_factor`. */
  path?: string;
  /** What is in force, in words, shown when the parameter is changed. */
  before?: ReactNode;
  required?: boolean;
  children: (field: FieldBinding) => ReactNode;
}) {
  const id = useId();
  const basket = useBasket();
  const edited = path !== undefined && basket.isEdited(path);
  const findings = path === undefined ? [] : basket.findingsAt(path);
  const wrong = findings.find((f) => f.severity === "error");
  const warning = findings.find((f) => f.severity !== "error");
  const shown = error ?? wrong?.message;
  const described = [hint ? `${id}-hint` : "", shown || warning ? `${id}-error` : ""].filter(
    Boolean,
  );
  return (
    <div className={classes.field} data-edited={edited || undefined}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Input.Label htmlFor={id} required={required ?? false}>
          {label}
          {unit ? <span className={classes.unit}> ({unit})</span> : null}
        </Input.Label>
        {edited && path !== undefined ? (
          <Group gap={4} wrap="nowrap">
            <Text size="xs" c="var(--accent)" fw={600}>
              {t("Changed")}
            </Text>
            <Tooltip label={t("Put back what is in force")}>
              <ActionIcon
                variant="subtle"
                size="sm"
                aria-label={t("Put back what is in force")}
                onClick={() => basket.revert(path)}
              >
                <Undo2 size={14} />
              </ActionIcon>
            </Tooltip>
          </Group>
        ) : null}
      </Group>
      {hint ? (
        <Input.Description id={`${id}-hint`} mb={4}>
          {hint}
        </Input.Description>
      ) : null}
      {children({
        id,
        "aria-describedby": described.length ? described.join(" ") : undefined,
        "aria-invalid": shown ? true : undefined,
        error: Boolean(shown),
      })}
      {edited && before !== undefined ? (
        <Text size="xs" c="var(--muted)" mt={4}>
          {t("In force:")} <s>{before}</s>
        </Text>
      ) : null}
      {shown ? (
        <Input.Error id={`${id}-error`} mt={4}>
          {shown}
        </Input.Error>
      ) : warning ? (
        <Text id={`${id}-error`} size="xs" c="var(--warning)" mt={4}>
          {warning.message}
        </Text>
      ) : null}
    </div>
  );
}
