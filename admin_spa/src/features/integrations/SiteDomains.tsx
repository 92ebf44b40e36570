import { Alert, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SiteAddresses } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { done } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Copyable } from "../connections/Copyable";
import { DomainRow } from "../connections/DomainRow";

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
                <DomainRow
                  key={one.domain}
                  of={one}
                  shown={one.shown}
                  at={`/${brand}/site-domains/${one.domain}`}
                  manage={manage}
                  refresh={refresh}
                  lapsing={t("Unless the text is back, your site leaves the domain:")}
                  givenUp={t("Your site leaves this domain at once. Links to it no longer work.")}
                >
                  <Text size="sm">{t("And lead the domain here, by a CNAME record:")}</Text>
                  <Copyable label={t("CNAME")} value={data.home} />
                </DomainRow>
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
