import { Alert, Button, Code, CopyButton, Group, Stack, Text, TextInput } from "@mantine/core";
import { Download, KeyRound } from "lucide-react";
import { useState } from "react";
import { t } from "@/i18n";
import classes from "./Frame.module.css";

export interface AuthenticatorKey {
  key: string;
  address: string;
  picture: { size: number; path: string };
}

/** Scan, then type the first code: what an authenticator app needs. */
export function AuthenticatorForm({
  made,
  busy,
  problem,
  confirm,
  act,
}: {
  made: AuthenticatorKey;
  busy: boolean;
  problem: string | null;
  confirm: (code: string) => void;
  act: string;
}) {
  const [code, setCode] = useState("");
  const { size, path } = made.picture;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm(code);
      }}
    >
      <Stack>
        <Text size="sm">{t("1. Scan this picture with an authenticator app on your phone.")}</Text>
        <svg
          className={classes.qr}
          viewBox={`0 0 ${size} ${size}`}
          role="img"
          aria-label={t("QR code for the authenticator app; the key below says the same")}
          shapeRendering="crispEdges"
        >
          <path d={path} fill="currentColor" />
        </svg>
        <div>
          <Text size="sm" c="var(--muted)">
            {t("It does not scan? Type this key into the app:")}
          </Text>
          <Group gap="xs" mt={4}>
            <Code fz="sm" style={{ overflowWrap: "anywhere" }}>
              {made.key.replace(/(.{4})(?=.)/g, "$1 ")}
            </Code>
            <CopyButton value={made.key}>
              {({ copied, copy }) => (
                <Button size="compact-sm" variant="default" onClick={copy}>
                  {copied ? t("Copied") : t("Copy")}
                </Button>
              )}
            </CopyButton>
          </Group>
        </div>
        <TextInput
          label={t("2. Type the six digits that the app shows")}
          size="md"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          minLength={6}
          maxLength={8}
          value={code}
          error={problem}
          onChange={(e) => setCode(e.currentTarget.value)}
        />
        <Button type="submit" size="md" loading={busy}>
          {act}
        </Button>
      </Stack>
    </form>
  );
}

/** Codes that nobody can show again. */
export function RecoveryCodes({ codes, done }: { codes: string[]; done: () => void }) {
  const text = `${codes.join("\n")}\n`;
  return (
    <Stack>
      <Alert color="orange" variant="light" icon={<KeyRound size={20} aria-hidden />}>
        {t(
          "Each of these codes signs you in once when the authenticator app is not at hand. Keep them where you keep passwords: they cannot be shown again.",
        )}
      </Alert>
      <ul className={classes.codes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Group>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t("Copied") : t("Copy")}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          onClick={() => save(text)}
        >
          {t("Save as a file")}
        </Button>
      </Group>
      <Button size="md" onClick={done}>
        {t("I have kept them")}
      </Button>
    </Stack>
  );
}

function save(text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = "recovery-codes.txt";
  link.click();
  URL.revokeObjectURL(link.href);
}
