import { Alert, Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Building2, Fingerprint } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { meOptions, useBrand } from "@/app/me";
import { hasPasskeys, PasskeyDismissed, showPasskey } from "@/auth/passkey";
import { t } from "@/i18n";
import { call, setCsrfToken, whenProofIsAsked } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Problem } from "@/ui/Problem";
import type { SignInPage } from "./page";

interface Ways {
  password: boolean;
  totp: boolean;
  passkeys: { id: string; blockedAt: string | null }[];
}

interface Renewed {
  csrfToken: string;
}

/** Asks a person to prove who they are when a risky step wants it; the step then goes on. */
export function StepUp() {
  const brand = useBrand();
  const queries = useQueryClient();
  const [ways, setWays] = useState<Ways | null>(null);
  const [page, setPage] = useState<SignInPage | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [code, setCode] = useState("");
  const [password, setPassword] = useState("");
  const settle = useRef<(proved: boolean) => void>(() => {});

  useEffect(() => {
    whenProofIsAsked(async () => {
      const [own, door] = await Promise.all([
        call<Ways>("GET", `/${brand}/me/security`),
        call<SignInPage>("GET", `/sign-in/${brand}`),
      ]);
      setCode("");
      setPassword("");
      setError(null);
      setPage(door);
      setWays(own);
      return new Promise<boolean>((resolve) => {
        settle.current = resolve;
      });
    });
    return () => whenProofIsAsked(async () => false);
  }, [brand]);

  const close = (proved: boolean) => {
    setWays(null);
    settle.current(proved);
    settle.current = () => {};
  };
  const prove = async (work: () => Promise<Renewed>) => {
    setBusy(true);
    setError(null);
    try {
      const renewed = await work();
      setCsrfToken(renewed.csrfToken);
      close(true);
      void queries.invalidateQueries({ queryKey: meOptions(brand).queryKey });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setBusy(false);
    }
  };
  const byPasskey = () =>
    prove(async () => {
      const asked = await call<{ ticket: string; options: object }>(
        "POST",
        `/${brand}/me/confirm/passkey/options`,
        { body: {} },
      );
      const credential = await showPasskey(asked.options);
      return call<Renewed>("POST", `/${brand}/me/confirm/passkey`, {
        body: { ticket: asked.ticket, credential },
      });
    });
  const byCode = () =>
    prove(() => call<Renewed>("POST", `/${brand}/me/confirm/code`, { body: { code } }));
  const byPassword = () =>
    prove(() => call<Renewed>("POST", `/${brand}/me/confirm/password`, { body: { password } }));

  const problem = error && !(error instanceof PasskeyDismissed) ? asProblem(error) : null;
  const wrong = problem?.code === "code_refused" || problem?.code === "sign_in_refused";
  const keys = hasPasskeys() && Boolean(ways?.passkeys.some((k) => !k.blockedAt));
  const connections = page?.connections ?? [];
  const here = encodeURIComponent(location.pathname + location.search);
  return (
    <Modal
      opened={ways !== null}
      onClose={() => close(false)}
      title={
        <Text component="span" fw={620}>
          {t("Confirm that it is you")}
        </Text>
      }
      closeButtonProps={{ "aria-label": t("Close") }}
      // Above the dialog or panel whose step asked for it.
      zIndex={400}
    >
      <Stack>
        <Text size="sm" c="var(--muted)">
          {t("This step asks for a fresh proof. What you entered stays as it is.")}
        </Text>
        {error instanceof PasskeyDismissed ? (
          <Text size="sm" role="status">
            {error.message}
          </Text>
        ) : wrong ? (
          <Alert color="red" variant="light" role="alert">
            {problem?.code === "code_refused"
              ? t("This code is not right, or was used before. Wait for the next one.")
              : t("This password is not right.")}
          </Alert>
        ) : problem ? (
          <Problem error={problem} />
        ) : null}
        {connections.map((one) => (
          <Button
            key={one.id}
            component="a"
            href={`${one.startUrl}?again=1&next=${here}`}
            variant="default"
            leftSection={<Building2 size={18} aria-hidden />}
          >
            {t("Sign in again with {name}", { name: one.title })}
          </Button>
        ))}
        {keys ? (
          <Button
            leftSection={<Fingerprint size={18} aria-hidden />}
            loading={busy}
            onClick={() => void byPasskey()}
          >
            {t("Use your passkey")}
          </Button>
        ) : null}
        {ways?.totp ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void byCode();
            }}
          >
            <Group align="end" wrap="nowrap">
              <TextInput
                label={t("Code of your authenticator app")}
                inputMode="numeric"
                autoComplete="one-time-code"
                required
                minLength={6}
                maxLength={20}
                value={code}
                onChange={(e) => setCode(e.currentTarget.value)}
                data-autofocus
                flex={1}
              />
              <Button type="submit" loading={busy}>
                {t("Confirm")}
              </Button>
            </Group>
          </form>
        ) : ways?.password ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void byPassword();
            }}
          >
            <Group align="end" wrap="nowrap">
              <PasswordInput
                label={t("Your password")}
                autoComplete="current-password"
                required
                value={password}
                onChange={(e) => setPassword(e.currentTarget.value)}
                visibilityToggleButtonProps={{ "aria-label": t("Show the password") }}
                flex={1}
              />
              <Button type="submit" loading={busy}>
                {t("Confirm")}
              </Button>
            </Group>
          </form>
        ) : null}
        {ways && !keys && !ways.totp && !ways.password && !connections.length ? (
          <Text size="sm">{t("Sign out and in again to go on.")}</Text>
        ) : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => close(false)}>
            {t("Cancel")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
