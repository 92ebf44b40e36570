import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { KeyRound } from "lucide-react";
import { t } from "@/i18n";

/** A secret that nobody can show again. */
export function ShownOnce({
  title,
  secret,
  close,
}: {
  title: string;
  secret: string;
  close: () => void;
}) {
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      size="lg"
      title={
        <Text component="span" fw={620}>
          {title}
        </Text>
      }
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      <Stack>
        <Alert color="orange" variant="light" icon={<KeyRound size={20} aria-hidden />}>
          {t(
            "Copy it now and keep it like a password. It is not stored here and cannot be shown again.",
          )}
        </Alert>
        <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {secret}
        </Code>
        <Group justify="flex-end">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? t("Copied") : t("Copy")}
              </Button>
            )}
          </CopyButton>
          <Button onClick={close}>{t("I have kept it")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
