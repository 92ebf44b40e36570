import { Alert, Anchor, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { Building2, Fingerprint } from "lucide-react";
import { useEffect, useState } from "react";
import { useBrand } from "@/app/me";
import { hasPasskeys, PasskeyDismissed, showPasskey } from "@/auth/passkey";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Problem } from "@/ui/Problem";
import { CodeStep } from "./CodeStep";
import { goIn, useNext } from "./next";
import { type SignInPage, usePage } from "./page";
import { Or, SignInFrame } from "./SignInFrame";
import { refusedWords } from "./words";

/** Signing in to a brand: by the company, a passkey, or password and code. */
export function SignIn() {
  const brand = useBrand();
  const next = useNext();
  const page = usePage(brand);
  const { refused, left } = useSearch({ strict: false }) as { refused?: string; left?: unknown };
  // Back from the company's sign-in where a second step is asked for: its ticket stands after the #.
  const [brought] = useState(() => new URLSearchParams(location.hash.slice(1)).get("ticket") ?? "");
  const [step, setStep] = useState<"start" | "code" | "forgotten">(brought ? "code" : "start");
  const [email, setEmail] = useState("");
  const [ticket, setTicket] = useState(brought);
  const [own, setOwn] = useState(false);
  useEffect(() => {
    if (brought) history.replaceState(history.state, "", location.pathname + location.search);
  }, [brought]);
  if (page.error) {
    return (
      <SignInFrame title={t("Sign in to the console")}>
        {asProblem(page.error).status === 404 ? (
          <Alert color="orange" variant="light" role="alert">
            {t("There is no brand at this address.")}{" "}
            <Anchor href="/sign-in">{t("Find yours")}</Anchor>
          </Alert>
        ) : (
          <Problem error={page.error} retry={() => void page.refetch()} />
        )}
      </SignInFrame>
    );
  }
  if (!page.data) return null;
  if (step === "code") {
    return <CodeStep page={page.data} ticket={ticket} back={() => setStep("start")} next={next} />;
  }
  if (step === "forgotten") {
    return <Forgotten page={page.data} email={email} back={() => setStep("start")} />;
  }
  const connections = page.data.connections ?? [];
  const enforced = page.data.enforced ?? false;
  const withNext = (url: string) =>
    next ? `${url}${url.includes("?") ? "&" : "?"}next=${encodeURIComponent(next)}` : url;
  return (
    <SignInFrame brand={page.data.name} title={t("Sign in to the console")}>
      {refused ? (
        <Alert color="red" variant="light" role="alert" title={t("The sign-in did not work")}>
          {refusedWords(refused)}
        </Alert>
      ) : null}
      {left ? (
        <Alert color="blue" variant="light" role="status">
          {t("You are signed out.")}
        </Alert>
      ) : null}
      {connections.map((one) => (
        <Button
          key={one.id}
          size="md"
          leftSection={<Building2 size={18} aria-hidden />}
          onClick={() => location.assign(withNext(one.startUrl))}
        >
          {t("Continue with {name}", { name: one.title })}
        </Button>
      ))}
      {enforced && !own ? (
        <Anchor component="button" type="button" size="sm" onClick={() => setOwn(true)}>
          {t("Use the emergency account")}
        </Anchor>
      ) : (
        <>
          {connections.length ? <Or>{t("or")}</Or> : null}
          {hasPasskeys() ? <PasskeyButton brand={brand} next={next} /> : null}
          {hasPasskeys() ? <Or>{t("or with a password")}</Or> : null}
          <PasswordForm
            brand={brand}
            email={email}
            setEmail={setEmail}
            primary={!connections.length}
            passed={(got) => {
              setTicket(got);
              setStep("code");
            }}
          />
          <Anchor component="button" type="button" size="sm" onClick={() => setStep("forgotten")}>
            {t("Forgotten your password?")}
          </Anchor>
        </>
      )}
    </SignInFrame>
  );
}

function PasskeyButton({ brand, next }: { brand: string; next: string }) {
  const enter = useMutation({
    mutationFn: async () => {
      const asked = await call<{ ticket: string; options: object }>(
        "POST",
        `/sign-in/${brand}/passkey/options`,
        { body: {} },
      );
      const credential = await showPasskey(asked.options);
      await call("POST", `/sign-in/${brand}/passkey`, {
        body: { ticket: asked.ticket, credential },
      });
    },
    onSuccess: () => goIn(brand, next),
    meta: { shown: true },
  });
  return (
    <>
      {enter.error instanceof PasskeyDismissed ? (
        <Text size="sm" c="var(--muted)" role="status">
          {enter.error.message}
        </Text>
      ) : enter.error ? (
        <Problem error={enter.error} />
      ) : null}
      <Button
        variant="default"
        size="md"
        leftSection={<Fingerprint size={18} aria-hidden />}
        loading={enter.isPending || enter.isSuccess}
        onClick={() => enter.mutate()}
      >
        {t("Sign in with a passkey")}
      </Button>
    </>
  );
}

function PasswordForm({
  brand,
  email,
  setEmail,
  primary,
  passed,
}: {
  brand: string;
  email: string;
  setEmail: (email: string) => void;
  primary: boolean;
  passed: (ticket: string) => void;
}) {
  const [password, setPassword] = useState("");
  const enter = useMutation({
    mutationFn: () =>
      call<{ ticket: string }>("POST", `/sign-in/${brand}/password`, {
        body: { email: email.trim(), password },
      }),
    onSuccess: (got) => passed(got.ticket),
    meta: { shown: true },
  });
  const problem = enter.error ? asProblem(enter.error) : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        enter.mutate();
      }}
    >
      <Stack>
        {problem?.code === "sign_in_refused" ? (
          <Alert color="red" variant="light" role="alert">
            {t("E-mail or password is not right. Check both, or ask for a new password.")}
          </Alert>
        ) : problem ? (
          <Problem error={problem} />
        ) : null}
        <TextInput
          label={t("E-mail")}
          type="email"
          size="md"
          autoComplete="username"
          required
          value={email}
          onChange={(e) => setEmail(e.currentTarget.value)}
        />
        <PasswordInput
          label={t("Password")}
          size="md"
          autoComplete="current-password"
          required
          value={password}
          onChange={(e) => setPassword(e.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("Show the password") }}
        />
        <Button
          type="submit"
          size="md"
          variant={primary ? "filled" : "default"}
          loading={enter.isPending}
        >
          {t("Continue")}
        </Button>
      </Stack>
    </form>
  );
}

function Forgotten({
  page,
  email: known,
  back,
}: {
  page: SignInPage;
  email: string;
  back: () => void;
}) {
  const [email, setEmail] = useState(known);
  const ask = useMutation({
    mutationFn: () =>
      call("POST", `/sign-in/${page.slug}/forgotten`, { body: { email: email.trim() } }),
    meta: { shown: true },
  });
  return (
    <SignInFrame
      brand={page.name}
      title={ask.isSuccess ? t("Look into your mailbox") : t("A new password")}
      lead={
        ask.isSuccess
          ? t(
              "If {email} has an account with a password here, a link is on its way. It works once, for an hour.",
              { email: email.trim() },
            )
          : t("We send you a link. Your authenticator app is asked for all the same.")
      }
    >
      {ask.isSuccess ? null : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate();
          }}
        >
          <Stack>
            {ask.error ? <Problem error={ask.error} /> : null}
            <TextInput
              label={t("E-mail")}
              type="email"
              size="md"
              autoComplete="username"
              required
              autoFocus
              value={email}
              onChange={(e) => setEmail(e.currentTarget.value)}
            />
            <Button type="submit" size="md" loading={ask.isPending}>
              {t("Send the link")}
            </Button>
          </Stack>
        </form>
      )}
      <Anchor component="button" type="button" size="sm" onClick={back}>
        {t("Back to signing in")}
      </Anchor>
    </SignInFrame>
  );
}
