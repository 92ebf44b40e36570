import { Anchor, Button, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import { useState } from "react";
import { useBrand } from "@/app/me";
import { AuthenticatorForm, type AuthenticatorKey, RecoveryCodes } from "@/auth/Enrolment";
import { NewPassword } from "@/auth/NewPassword";
import { deviceName, hasPasskeys, makePasskey, PasskeyDismissed } from "@/auth/passkey";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Problem } from "@/ui/Problem";
import { CodeStep } from "./CodeStep";
import { goIn } from "./next";
import { usePage } from "./page";
import { Or, SignInFrame } from "./SignInFrame";

interface LinkFound {
  purpose: "invitation" | "reset";
  email: string;
  name: string;
  brand: string;
  expiresAt: string;
}

/** Where a mail's link leads: the token stands after the #. */
export function Link() {
  const brand = useBrand();
  const [token] = useState(() => location.hash.slice(1));
  const link = useQuery({
    queryKey: ["link", brand, token],
    queryFn: () => call<LinkFound>("POST", `/sign-in/${brand}/link`, { body: { token } }),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (link.error) {
    const over = asProblem(link.error).code === "link_refused" || !token;
    return (
      <SignInFrame title={t("This link is over")}>
        {over ? (
          <Text>
            {t(
              "It was used, is too old, or was replaced by a newer one. Ask whoever invited you for a new link, or ask for a new password again.",
            )}
          </Text>
        ) : (
          <Problem error={link.error} retry={() => void link.refetch()} />
        )}
        <Anchor href={`/${brand}/sign-in`}>{t("Go to the sign-in")}</Anchor>
      </SignInFrame>
    );
  }
  if (!link.data) return null;
  return link.data.purpose === "reset" ? (
    <Reset found={link.data} token={token} />
  ) : (
    <Invitation found={link.data} token={token} />
  );
}

function Invitation({ found, token }: { found: LinkFound; token: string }) {
  const brand = useBrand();
  const [made, setMade] = useState<AuthenticatorKey | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const choose = useMutation({
    mutationFn: (password: string) =>
      call<AuthenticatorKey>("POST", `/sign-in/${brand}/link/password`, {
        body: { token, password },
      }),
    onSuccess: setMade,
    meta: { shown: true },
  });
  const confirm = useMutation({
    mutationFn: (code: string) =>
      call<{ recoveryCodes: string[] }>("POST", `/sign-in/${brand}/link/code`, {
        body: { token, code },
      }),
    onSuccess: (entered) => setCodes(entered.recoveryCodes),
    meta: { shown: true },
  });
  const passkey = useMutation({
    mutationFn: async () => {
      const asked = await call<{ ticket: string; options: object }>(
        "POST",
        `/sign-in/${brand}/link/passkey/options`,
        { body: { token } },
      );
      const credential = await makePasskey(asked.options);
      await call("POST", `/sign-in/${brand}/link/passkey`, {
        body: { token, ticket: asked.ticket, credential, name: deviceName() },
      });
    },
    onSuccess: () => goIn(brand, ""),
    meta: { shown: true },
  });
  if (codes) {
    return (
      <SignInFrame brand={found.brand} title={t("Your recovery codes")} wide>
        <RecoveryCodes codes={codes} done={() => goIn(brand, "")} />
      </SignInFrame>
    );
  }
  if (made) {
    const wrong = confirm.error ? asProblem(confirm.error) : null;
    return (
      <SignInFrame brand={found.brand} title={t("Set up your authenticator app")}>
        {wrong && wrong.code !== "code_refused" ? <Problem error={wrong} /> : null}
        <AuthenticatorForm
          made={made}
          busy={confirm.isPending}
          problem={
            wrong?.code === "code_refused"
              ? t("This code is not right. Check the clock of your phone and type the next one.")
              : null
          }
          confirm={(code) => confirm.mutate(code)}
          act={t("Finish")}
        />
      </SignInFrame>
    );
  }
  return (
    <SignInFrame
      brand={found.brand}
      title={t("Welcome, {name}", { name: found.name })}
      lead={t("Choose how you will sign in as {email}. The link works until {until}.", {
        email: found.email,
        until: formatDateTime(found.expiresAt),
      })}
    >
      {hasPasskeys() ? (
        <>
          {passkey.error instanceof PasskeyDismissed ? (
            <Text size="sm" c="var(--muted)" role="status">
              {passkey.error.message}
            </Text>
          ) : passkey.error ? (
            <Problem error={passkey.error} />
          ) : null}
          <Button
            size="md"
            leftSection={<Fingerprint size={18} aria-hidden />}
            loading={passkey.isPending || passkey.isSuccess}
            onClick={() => passkey.mutate()}
          >
            {t("Make a passkey")}
          </Button>
          <Text size="sm" c="var(--muted)">
            {t("Your finger, face or PIN on this device is all you will need.")}
          </Text>
          <Or>{t("or with a password and an authenticator app")}</Or>
        </>
      ) : null}
      <NewPassword
        email={found.email}
        act={t("Continue")}
        busy={choose.isPending}
        error={choose.error}
        chosen={(password) => choose.mutate(password)}
      />
    </SignInFrame>
  );
}

function Reset({ found, token }: { found: LinkFound; token: string }) {
  const brand = useBrand();
  const page = usePage(brand);
  const [ticket, setTicket] = useState("");
  const change = useMutation({
    mutationFn: (password: string) =>
      call<{ ticket: string }>("POST", `/sign-in/${brand}/link/reset`, {
        body: { token, password },
      }),
    onSuccess: (got) => setTicket(got.ticket),
    meta: { shown: true },
  });
  if (ticket && page.data) {
    return (
      <CodeStep
        page={page.data}
        ticket={ticket}
        next=""
        back={() => location.assign(`/${brand}/sign-in`)}
        lead={t("The new password is set. Now type the six digits of your authenticator app.")}
      />
    );
  }
  return (
    <SignInFrame
      brand={found.brand}
      title={t("Choose a new password")}
      lead={t("For {email}. Everywhere you are signed in now, you will be signed out.", {
        email: found.email,
      })}
    >
      <NewPassword
        email={found.email}
        act={t("Set the password")}
        busy={change.isPending}
        error={change.error}
        chosen={(password) => change.mutate(password)}
      />
    </SignInFrame>
  );
}
