import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleX, PlugZap } from "lucide-react";
import { useState } from "react";
import type { AccountTrial, StoredSecret, StoredSecrets } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand, useMe } from "@/app/me";
import { t, td } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { useConfirm } from "@/ui/Confirm";
import { done, showProblem } from "@/ui/notices";
import { Card, Page, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State, When } from "@/ui/Values";

const PROVIDERS: Record<string, string> = {
  "payments.stripe": "Stripe",
  "payments.amazon_pay": "Amazon Pay",
};

// It may do without a key.
const MODEL = "recommendations";

/** What the brand's accounts elsewhere ask for: written, tried, never shown. */
export function Secrets() {
  return (
    <Guarded permission="secrets:read" title={t("Accounts and secrets")}>
      <Page
        title={t("Accounts and secrets")}
        lead={t(
          "Values are sealed with a key of your brand. Nobody can read them back, here or in a backup; who looked at this list is in the audit trail.",
        )}
      >
        <Accounts />
      </Page>
    </Guarded>
  );
}

function Accounts() {
  const brand = useBrand();
  const query = useQuery({
    queryKey: ["secrets", brand],
    queryFn: () => call<StoredSecrets>("GET", `/${brand}/secrets`),
  });
  if (query.error) return <Problem error={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <Waiting />;
  const accounts = new Map<string, StoredSecret[]>();
  for (const one of query.data.items) {
    accounts.set(one.account, [...(accounts.get(one.account) ?? []), one]);
  }
  return (
    <Stack>
      {[...accounts].map(([account, secrets]) => (
        <Account key={account} account={account} secrets={secrets} />
      ))}
    </Stack>
  );
}

function accountTitle(account: string): string {
  const known = PROVIDERS[account];
  if (known) return t("Payments: {name}", { name: known });
  if (account === MODEL) return t("Recommendations: external model");
  return t("Supplier: {name}", { name: account.split(".")[1] ?? account });
}

function Account({ account, secrets }: { account: string; secrets: StoredSecret[] }) {
  const brand = useBrand();
  const me = useMe();
  const complete = secrets.every((one) => one.stored);
  const trial = useMutation({
    mutationFn: () => call<AccountTrial>("POST", `/${brand}/accounts/${account}/test`),
    onError: showProblem,
  });
  return (
    <Card
      title={accountTitle(account)}
      actions={
        <Group gap="xs">
          {complete ? (
            <State tone="positive">{t("Complete")}</State>
          ) : account === MODEL ? null : (
            <State tone="warning">{t("Something is missing")}</State>
          )}
          {me.may("secrets:write") ? (
            <Button
              variant="default"
              size="xs"
              loading={trial.isPending}
              leftSection={<PlugZap size={14} aria-hidden />}
              onClick={() => trial.mutate()}
            >
              {t("Test the connection")}
            </Button>
          ) : null}
        </Group>
      }
    >
      <Stack gap="sm">
        <div aria-live="polite">{trial.data ? <Outcome of={trial.data} /> : null}</div>
        {secrets.map((one) => (
          <Slot key={one.name} of={one} />
        ))}
      </Stack>
    </Card>
  );
}

function Outcome({ of: trial }: { of: AccountTrial }) {
  const works = trial.outcome === "works";
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      {works ? (
        <CircleCheck size={18} color="var(--positive)" aria-hidden />
      ) : (
        <CircleX size={18} color="var(--danger)" aria-hidden />
      )}
      <Text size="sm">{trialWords(trial)}</Text>
    </Group>
  );
}

function trialWords(trial: AccountTrial): string {
  switch (trial.outcome) {
    case "works":
      return t("It works: the account knows these credentials.");
    case "refused":
      return t(
        "The provider refused the credentials ({reason}). Copy them again from its dashboard.",
        {
          reason: trial.reason ?? "",
        },
      );
    case "unreachable":
      return t("The provider does not answer now. Try again in a minute.");
    case "incomplete":
      return t(
        "A secret is missing, or no published parameter names this account. Store what is missing, then test again.",
      );
  }
}

function Slot({ of: secret }: { of: StoredSecret }) {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const confirm = useConfirm();
  const [value, setValue] = useState("");
  const [open, setOpen] = useState(false);
  const taken = (fresh: StoredSecrets) => {
    client.setQueryData(["secrets", brand], fresh);
    setValue("");
    setOpen(false);
  };
  const store = useMutation({
    mutationFn: () =>
      call<StoredSecrets>("PUT", `/${brand}/secrets/${secret.name}`, { body: { value } }),
    onSuccess: (fresh) => {
      taken(fresh);
      done(t("“{name}” is stored.", { name: td(secret.title) }));
    },
  });
  const remove = async () => {
    const yes = await confirm({
      title: t("Remove “{name}”?", { name: td(secret.title) }),
      consequence: t(
        "What needs it stops working at once: payments or orders through this account fail until a new value is stored.",
      ),
      act: t("Remove it"),
      danger: true,
    });
    if (!yes) return;
    try {
      taken(await call<StoredSecrets>("DELETE", `/${brand}/secrets/${secret.name}`));
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  const problem = store.error ? asProblem(store.error) : null;
  return (
    <div>
      <Group justify="space-between" gap="xs">
        <div>
          <Text fw={550}>{td(secret.title)}</Text>
          <Text size="sm" c="var(--muted)">
            {secret.stored ? (
              <>
                {t("Stored")} <When at={secret.updatedAt} ago />
              </>
            ) : (
              t("Not stored yet")
            )}
          </Text>
        </div>
        {me.may("secrets:write") && !open ? (
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={() => setOpen(true)}>
              {secret.stored ? t("Replace") : t("Store")}
            </Button>
            {secret.stored ? (
              <Button size="xs" variant="subtle" color="red" onClick={() => void remove()}>
                {t("Remove")}
              </Button>
            ) : null}
          </Group>
        ) : null}
      </Group>
      {open ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            store.mutate();
          }}
        >
          <Stack gap="xs" mt="xs">
            {problem && !problem.at("value") ? <Problem error={problem} /> : null}
            <PasswordInput
              label={td(secret.title)}
              autoComplete="off"
              required
              value={value}
              error={problem?.at("value")}
              onChange={(e) => setValue(e.currentTarget.value)}
              data-autofocus
            />
            <Group gap="xs">
              <Button type="submit" size="xs" loading={store.isPending} disabled={!value.trim()}>
                {t("Store it")}
              </Button>
              <Button size="xs" variant="default" onClick={() => setOpen(false)}>
                {t("Cancel")}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : null}
    </div>
  );
}
