import { CloseButton, Kbd, TextInput } from "@mantine/core";
import { Search as Glass } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { t } from "@/i18n";
import { useSlash } from "./useSlash";

const PAUSE_MS = 250;

/** The search of a list: "/" leads here, what is typed counts a moment after the last letter. */
export function Search({
  label,
  value,
  onChange,
  width = 260,
}: {
  label: string;
  value: string;
  onChange: (text: string) => void;
  width?: number;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  useSlash(field);
  // A saved view or a step back brings another text.
  useEffect(() => {
    if (value !== told.current) {
      told.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === told.current) return;
    const timer = setTimeout(() => {
      told.current = typed;
      onChange(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, onChange]);
  return (
    <TextInput
      ref={field}
      type="search"
      size="sm"
      w={width}
      aria-label={label}
      placeholder={label}
      maxLength={200}
      leftSection={<Glass size={16} aria-hidden />}
      rightSection={
        typed ? (
          <CloseButton size="sm" aria-label={t("Clear")} onClick={() => setTyped("")} />
        ) : (
          <Kbd size="xs" aria-hidden>
            /
          </Kbd>
        )
      }
      value={typed}
      onChange={(e) => setTyped(e.currentTarget.value)}
    />
  );
}
