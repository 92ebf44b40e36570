import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { useEffect, useState } from "react";
import { useBrand, useMe } from "@/app/me";
import { AuthenticatorForm, type AuthenticatorKey, RecoveryCodes } from "@/auth/Enrolment";
import { NewPassword } from "@/auth/NewPassword";
import { deviceName, hasPasskeys, makePasskey, PasskeyDismissed } from "@/auth/passkey";
import { t } from "@/i18n";
import { call, setCsrfToken } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Problem } from "@/ui/Problem";

type Finish = { finish: (words: string) => void };

interface Codes {
  recoveryCodes: string[];
  session: { csrfToken: string };
}

export function ChangePassword({ finish }: Finish) {
  const brand = useBrand();
  const me = useMe();
  const change = useMutation({
    mutationFn: (password: string) =>
      call<{ csrfToken: string }>("POST", `/${brand}/me/password`, { body: { password } }),
    onSuccess: (renewed) => {
      setCsrfToken(renewed.csrfToken);
      finish(t("The password is set. Your other browsers are signed out."));
    },
    meta: { shown: true },
  });
  return (
    <NewPassword
      email={me.email}
      act={t("Set the password")}
      busy={change.isPending}
      error={change.error}
      chosen={(password) => change.mutate(password)}
    />
  );
}

export function NewAuthenticator({ finish }: Finish) {
  const brand = useBrand();
  const [codes, setCodes] = useState<string[] | null>(null);
  const begin = useMutation({
    mutationFn: () => call<AuthenticatorKey>("POST", `/${brand}/me/totp`, { body: {} }),
    meta: { shown: true },
  });
  const confirm = useMutation({
    mutationFn: (code: string) =>
      call<Codes>("POST", `/${brand}/me/totp/confirm`, { body: { code } }),
    onSuccess: (got) => {
      setCsrfToken(got.session.csrfToken);
      setCodes(got.recoveryCodes);
    },
    meta: { shown: true },
  });
  const start = begin.mutate;
  useEffect(() => start(), [start]);
  if (codes) {
    return (
      <RecoveryCodes codes={codes} done={() => finish(t("The authenticator app is set up."))} />
    );
  }
  if (begin.error) return <Problem error={begin.error} retry={() => start()} />;
  if (!begin.data) return null;
  const wrong = confirm.error ? asProblem(confirm.error) : null;
  return (
    <Stack>
      {wrong && wrong.code !== "code_refused" ? <Problem error={wrong} /> : null}
      <AuthenticatorForm
        made={begin.data}
        busy={confirm.isPending}
        problem={
          wrong?.code === "code_refused"
            ? t("This code is not right. Check the clock of your phone and type the next one.")
            : null
        }
        confirm={(code) => confirm.mutate(code)}
        act={t("Finish")}
      />
    </Stack>
  );
}

export function NewRecoveryCodes({ finish }: Finish) {
  const brand = useBrand();
  const make = useMutation({
    mutationFn: () => call<Codes>("POST", `/${brand}/me/recovery-codes`, { body: {} }),
    onSuccess: (got) => setCsrfToken(got.session.csrfToken),
    meta: { shown: true },
  });
  if (make.data) {
    return (
      <RecoveryCodes
        codes={make.data.recoveryCodes}
        done={() => finish(t("You have new recovery codes."))}
      />
    );
  }
  return (
    <Stack>
      {make.error ? <Problem error={make.error} /> : null}
      <Text>{t("The codes you have now stop working the moment new ones are made.")}</Text>
      <Button loading={make.isPending} onClick={() => make.mutate()}>
        {t("Make new codes")}
      </Button>
    </Stack>
  );
}

export function NewPasskey({ finish }: Finish) {
  const brand = useBrand();
  const [name, setName] = useState(deviceName);
  const make = useMutation({
    mutationFn: async () => {
      const asked = await call<{ ticket: string; options: object }>(
        "POST",
        `/${brand}/me/passkeys/options`,
        { body: {} },
      );
      const credential = await makePasskey(asked.options);
      return call<{ csrfToken: string }>("POST", `/${brand}/me/passkeys`, {
        body: { ticket: asked.ticket, credential, name: name.trim() },
      });
    },
    onSuccess: (renewed) => {
      setCsrfToken(renewed.csrfToken);
      finish(t("The passkey is ready."));
    },
    meta: { shown: true },
  });
  if (!hasPasskeys()) {
    return <Text>{t("This browser does not know passkeys. Try a newer one.")}</Text>;
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack>
        {make.error instanceof PasskeyDismissed ? (
          <Text size="sm" role="status">
            {make.error.message}
          </Text>
        ) : make.error ? (
          <Problem error={make.error} />
        ) : null}
        <TextInput
          label={t("What to call it")}
          description={t("So that you can tell your devices apart.")}
          required
          maxLength={60}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          data-autofocus
        />
        <Button
          type="submit"
          leftSection={<Fingerprint size={18} aria-hidden />}
          loading={make.isPending}
        >
          {t("Make a passkey")}
        </Button>
      </Stack>
    </form>
  );
}
