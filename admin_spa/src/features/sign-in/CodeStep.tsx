import { Alert, Anchor, Button, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Problem } from "@/ui/Problem";
import { goIn } from "./next";
import type { SignInPage } from "./page";
import { SignInFrame } from "./SignInFrame";

/** The second step. A new password leads here, too. */
export function CodeStep({
  page,
  ticket,
  back,
  next,
  lead,
}: {
  page: SignInPage;
  ticket: string;
  back: () => void;
  next: string;
  lead?: string;
}) {
  const [code, setCode] = useState("");
  const [recovery, setRecovery] = useState(false);
  const enter = useMutation({
    mutationFn: () => call("POST", `/sign-in/${page.slug}/code`, { body: { ticket, code } }),
    onSuccess: () => goIn(page.slug, next),
    meta: { shown: true },
  });
  const problem = enter.error ? asProblem(enter.error) : null;
  const expired = problem?.code === "sign_in_expired";
  return (
    <SignInFrame
      brand={page.name}
      title={recovery ? t("Your recovery code") : t("The code of your authenticator app")}
      lead={
        lead ??
        (recovery
          ? t("One of the codes you kept when you set up the app. It works once.")
          : t("Open the app and type the six digits it shows for this brand."))
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          enter.mutate();
        }}
      >
        <Stack>
          {problem?.code === "code_refused" ? (
            <Alert color="red" variant="light" role="alert">
              {recovery
                ? t("This recovery code is not right, or was used before.")
                : t("This code is not right, or was used before. Wait for the next one.")}
            </Alert>
          ) : problem ? (
            <Problem error={problem} />
          ) : null}
          {expired ? null : (
            <TextInput
              label={recovery ? t("Recovery code") : t("Code")}
              size="md"
              inputMode={recovery ? "text" : "numeric"}
              autoComplete="one-time-code"
              required
              autoFocus
              minLength={6}
              maxLength={recovery ? 20 : 8}
              value={code}
              onChange={(e) => setCode(e.currentTarget.value)}
            />
          )}
          {expired ? (
            <Button size="md" onClick={back}>
              {t("Start again")}
            </Button>
          ) : (
            <Button type="submit" size="md" loading={enter.isPending || enter.isSuccess}>
              {t("Sign in")}
            </Button>
          )}
          <Anchor
            component="button"
            type="button"
            size="sm"
            onClick={() => {
              setCode("");
              enter.reset();
              setRecovery(!recovery);
            }}
          >
            {recovery ? t("Use the authenticator app") : t("The app is not at hand?")}
          </Anchor>
        </Stack>
      </form>
    </SignInFrame>
  );
}
