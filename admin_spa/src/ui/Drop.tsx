import { Button, Text } from "@mantine/core";
import type { LucideIcon } from "lucide-react";
import { useRef, useState } from "react";
import classes from "./Drop.module.css";

/** Where files are dropped or chosen. */
export function Drop({
  icon: Icon,
  invitation,
  act,
  limits,
  accept,
  multiple = false,
  busy,
  disabled = false,
  take,
}: {
  icon: LucideIcon;
  invitation: string;
  /** The label of the button. */
  act: string;
  limits: string;
  accept: string;
  multiple?: boolean;
  busy: boolean;
  disabled?: boolean;
  take: (files: File[]) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of one button; a fieldset would be a form's
    <div
      role="group"
      aria-label={act}
      className={classes.drop}
      data-over={over || undefined}
      onDragOver={(e) => {
        e.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(e) => {
        e.preventDefault();
        setOver(false);
        if (!disabled && e.dataTransfer.files.length) take([...e.dataTransfer.files]);
      }}
    >
      <Icon size={28} aria-hidden />
      <Text>{invitation}</Text>
      <Button
        variant="default"
        loading={busy}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        {act}
      </Button>
      <Text size="xs" c="var(--muted)">
        {limits}
      </Text>
      <input
        ref={input}
        type="file"
        hidden
        multiple={multiple}
        accept={accept}
        aria-label={act}
        onChange={(e) => {
          if (e.currentTarget.files?.length) take([...e.currentTarget.files]);
          e.currentTarget.value = "";
        }}
      />
    </div>
  );
}
