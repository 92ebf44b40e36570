import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { EmailDomain, EmailDomainList } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { useConfirm } from "@/ui/Confirm";
import { done, showProblem } from "@/ui/notices";
import { Card } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State, When } from "@/ui/Values";
import { Copyable } from "./Copyable";
import { problemWords } from "./words";

/** E-mail domains that the brand proves to be its own. */
export function Domains() {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const key = ["email-domains", brand];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<EmailDomainList>("GET", `/${brand}/email-domains`),
  });
  const [domain, setDomain] = useState("");
  const claim = useMutation({
    mutationFn: () => call("POST", `/${brand}/email-domains`, { body: { domain } }),
    onSuccess: async () => {
      setDomain("");
      await client.invalidateQueries({ queryKey: key });
    },
    meta: { shown: true },
  });
  const problem = claim.error ? asProblem(claim.error) : null;
  return (
    <Card
      title={t("E-mail domains")}
      lead={t(
        "A proved domain leads whoever types such an address to your sign-in, and lets your provider's word for it count.",
      )}
    >
      <Stack>
        {found.error ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
        {found.data?.items.map((one) => (
          <Row
            key={one.domain}
            of={one}
            manage={me.may("connections:manage")}
            refresh={() => client.invalidateQueries({ queryKey: key })}
          />
        ))}
        {me.may("connections:manage") ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              claim.mutate();
            }}
          >
            {problem && !problem.at("domain") ? <Problem error={problem} /> : null}
            <Group align="flex-end">
              <TextInput
                label={t("Domain of your e-mail addresses")}
                placeholder="brand.example"
                value={domain}
                maxLength={253}
                required
                error={problem?.at("domain")}
                onChange={(e) => setDomain(e.currentTarget.value)}
                flex={1}
                miw={200}
              />
              <Button type="submit" variant="default" loading={claim.isPending}>
                {t("Add the domain")}
              </Button>
            </Group>
          </form>
        ) : null}
      </Stack>
    </Card>
  );
}

function Row({
  of: one,
  manage,
  refresh,
}: {
  of: EmailDomain;
  manage: boolean;
  refresh: () => Promise<void>;
}) {
  const brand = useBrand();
  const confirm = useConfirm();
  const check = useMutation({
    mutationFn: () => call<EmailDomain>("POST", `/${brand}/email-domains/${one.domain}/check`),
    onSuccess: async (now) => {
      await refresh();
      if (now.verifiedAt && !now.problem) done(t("{domain} is proved.", { domain: one.domain }));
    },
  });
  const remove = async () => {
    const yes = await confirm({
      title: t("Give up {domain}?", { domain: one.domain }),
      consequence: t(
        "Addresses of this domain no longer lead to your sign-in, and your provider's word for them no longer counts.",
      ),
      act: t("Give it up"),
      danger: true,
    });
    if (!yes) return;
    try {
      await call("DELETE", `/${brand}/email-domains/${one.domain}`);
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600}>{one.domain}</Text>
          {one.lapsesAt ? (
            <State tone="warning">{t("Its proof is gone")}</State>
          ) : one.verifiedAt ? (
            <State tone="positive">{t("Proved")}</State>
          ) : (
            <State tone="warning">{t("Waits for its proof")}</State>
          )}
        </Group>
        {manage ? (
          <Group gap={4}>
            <Button
              size="compact-sm"
              variant="default"
              loading={check.isPending}
              onClick={() => check.mutate()}
            >
              {t("Check now")}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="red"
              onClick={() => void remove()}
              aria-label={t("Give up {domain}", { domain: one.domain })}
            >
              {t("Remove")}
            </Button>
          </Group>
        ) : null}
      </Group>
      {one.lapsesAt ? (
        <Text size="sm">
          {t("Unless the text is back, the domain stops counting:")} <When at={one.lapsesAt} />
        </Text>
      ) : null}
      {one.verifiedAt && !one.lapsesAt ? null : (
        <>
          <Text size="sm">{t("Publish this TXT record where your domain's DNS is managed:")}</Text>
          <Copyable label={t("Name")} value={one.recordName} />
          <Copyable label={t("Text")} value={one.recordValue} />
        </>
      )}
      {one.problem ? (
        <Text size="sm" c="var(--warning)" role="status">
          {problemWords(one.problem)}
        </Text>
      ) : null}
      {one.checkedAt ? (
        <Text size="xs" c="var(--muted)">
          {t("Checked")} <When at={one.checkedAt} ago />
        </Text>
      ) : null}
    </Stack>
  );
}
