import { Alert, Button, PasswordInput, Stack } from "@mantine/core";
import { useState } from "react";
import { t } from "@/i18n";
import { asProblem } from "@/lib/problem";
import { Problem } from "@/ui/Problem";

/** A password that its owner chooses; the server says whether it is strong enough. */
export function NewPassword({
  email,
  act,
  busy,
  error,
  chosen,
}: {
  email: string;
  act: string;
  busy: boolean;
  error: unknown;
  chosen: (password: string) => void;
}) {
  const [password, setPassword] = useState("");
  const problem = error ? asProblem(error) : null;
  const weak = problem?.code === "weak_password";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        chosen(password);
      }}
    >
      <Stack>
        {problem?.code === "link_refused" ? (
          <Alert color="red" variant="light" role="alert">
            {t("This link is over. Ask for a new one.")}
          </Alert>
        ) : problem && !weak ? (
          <Problem error={problem} />
        ) : null}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        <PasswordInput
          label={t("New password")}
          description={t("At least 10 characters. A few unrelated words are best.")}
          size="md"
          autoComplete="new-password"
          required
          minLength={10}
          maxLength={200}
          value={password}
          error={
            weak
              ? t("This password is too easily guessed. Choose a longer or less common one.")
              : null
          }
          onChange={(e) => setPassword(e.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("Show the password") }}
        />
        <Button type="submit" size="md" variant="default" loading={busy}>
          {act}
        </Button>
      </Stack>
    </form>
  );
}
