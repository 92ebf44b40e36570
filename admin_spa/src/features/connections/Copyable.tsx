import { Button, Code, CopyButton, Group, Text } from "@mantine/core";
import { t } from "@/i18n";

/** A value to be entered elsewhere, exactly as it is. */
export function Copyable({ label, value, hint }: { label: string; value: string; hint?: string }) {
  return (
    <div>
      <Text size="sm" fw={550}>
        {label}
      </Text>
      {hint ? (
        <Text size="xs" c="var(--muted)">
          {hint}
        </Text>
      ) : null}
      <Group gap="xs" wrap="nowrap" align="flex-start" mt={2}>
        <Code style={{ overflowWrap: "anywhere", flex: 1 }} py={6} px={8}>
          {value}
        </Code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              size="compact-md"
              variant="default"
              onClick={copy}
              aria-label={t("Copy: {label}", { label })}
            >
              {copied ? t("Copied") : t("Copy")}
            </Button>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
