import { Alert, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SiteAddresses, SiteDomain } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { useConfirm } from "@/ui/Confirm";
import { done, showProblem } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State, When } from "@/ui/Values";
import { Copyable } from "../connections/Copyable";
import { problemWords } from "../connections/words";

/** Domains of the brand's own for its member site, and the address that links carry. */
export function SiteDomains() {
  return (
    <Guarded permission="domains:read" title={t("Domains")}>
      <Addresses />
    </Guarded>
  );
}

function Addresses() {
  const brand = useBrand();
  const manage = useMe().may("domains:manage");
  const client = useQueryClient();
  const key = ["site-domains", brand];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<SiteAddresses>("GET", `/${brand}/site-domains`),
  });
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const data = found.data;
  return (
    <Page
      title={t("Domains")}
      lead={t("Where members find your site: your address here, and domains of your own.")}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {data ? (
        <Stack>
          <Canonical of={data} manage={manage} refresh={refresh} />
          <Card
            title={t("Your own domains")}
            lead={t("A domain is served once a TXT record proves that it is yours.")}
          >
            <Stack gap="lg">
              {data.items.map((one) => (
                <Row key={one.domain} of={one} home={data.home} manage={manage} refresh={refresh} />
              ))}
              {manage ? <Claim refresh={refresh} /> : null}
            </Stack>
          </Card>
        </Stack>
      ) : null}
    </Page>
  );
}

function Canonical({
  of: data,
  manage,
  refresh,
}: {
  of: SiteAddresses;
  manage: boolean;
  refresh: () => Promise<void>;
}) {
  const brand = useBrand();
  const [host, setHost] = useState(data.canonical);
  const choose = useMutation({
    mutationFn: () => call("PUT", `/${brand}/site-domains/canonical`, { body: { host } }),
    onSuccess: async () => {
      await refresh();
      done(t("Links now carry {host}.", { host }));
    },
  });
  return (
    <Card
      title={t("Address of your site")}
      lead={t("Links in messages carry it, and your other addresses lead to it.")}
    >
      <Group align="flex-end">
        <Select
          label={t("Address")}
          data={data.hosts}
          value={host}
          allowDeselect={false}
          disabled={!manage}
          onChange={(value) => setHost(value ?? data.canonical)}
          flex={1}
          miw={200}
        />
        {manage ? (
          <Button
            disabled={host === data.canonical}
            loading={choose.isPending}
            onClick={() => choose.mutate()}
          >
            {t("Use this address")}
          </Button>
        ) : null}
      </Group>
      {host === data.canonical ? null : (
        <Alert mt="md" color="yellow" role="status">
          {t(
            "Members sign in anew there. If they sign in with another company's account, register the new address with that company first.",
          )}
        </Alert>
      )}
    </Card>
  );
}

function Claim({ refresh }: { refresh: () => Promise<void> }) {
  const brand = useBrand();
  const [domain, setDomain] = useState("");
  const claim = useMutation({
    mutationFn: () => call("POST", `/${brand}/site-domains`, { body: { domain } }),
    onSuccess: async () => {
      setDomain("");
      await refresh();
    },
    meta: { shown: true },
  });
  const problem = claim.error ? asProblem(claim.error) : null;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        claim.mutate();
      }}
    >
      {problem && !problem.at("domain") ? <Problem error={problem} /> : null}
      <Group align="flex-end">
        <TextInput
          label={t("Domain for your site")}
          placeholder="club.brand.example"
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
  );
}

function Row({
  of: one,
  home,
  manage,
  refresh,
}: {
  of: SiteDomain;
  home: string;
  manage: boolean;
  refresh: () => Promise<void>;
}) {
  const brand = useBrand();
  const confirm = useConfirm();
  const check = useMutation({
    mutationFn: () => call<SiteDomain>("POST", `/${brand}/site-domains/${one.domain}/check`),
    onSuccess: async (now) => {
      await refresh();
      if (now.verifiedAt && !now.problem) done(t("{domain} is proved.", { domain: one.shown }));
    },
  });
  const remove = async () => {
    const yes = await confirm({
      title: t("Give up {domain}?", { domain: one.shown }),
      consequence: t("Your site leaves this domain at once. Links to it no longer work."),
      act: t("Give it up"),
      danger: true,
    });
    if (!yes) return;
    try {
      await call("DELETE", `/${brand}/site-domains/${one.domain}`);
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600} translate="no">
            {one.shown}
          </Text>
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
              aria-label={t("Give up {domain}", { domain: one.shown })}
            >
              {t("Remove")}
            </Button>
          </Group>
        ) : null}
      </Group>
      {one.lapsesAt ? (
        <Text size="sm">
          {t("Unless the text is back, your site leaves the domain:")} <When at={one.lapsesAt} />
        </Text>
      ) : null}
      {one.verifiedAt && !one.lapsesAt ? null : (
        <>
          <Text size="sm">{t("Publish this TXT record where your domain's DNS is managed:")}</Text>
          <Copyable label={t("Name")} value={one.recordName} />
          <Copyable label={t("Text")} value={one.recordValue} />
          <Text size="sm">{t("And lead the domain here, by a CNAME record:")}</Text>
          <Copyable label={t("CNAME")} value={home} />
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
