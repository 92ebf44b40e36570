import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { TenantLimits } from "@/api/types.gen";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime, formatNumber } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State } from "@/ui/Values";
import { type Changing, LimitForm } from "./LimitForm";
import classes from "./Tenant.module.css";
import { flagWords, limitWords } from "./words";

type Own = { reason: string | null; until: string | null };

/** Limits that keep a tenant from others' turns, and what can be switched off for it. */
export function LimitsHere({ slug }: { slug: string }) {
  const me = useMe();
  const [changing, change] = useState<Changing | null>(null);
  const found = useQuery({
    queryKey: ["platform", "limits", slug],
    queryFn: () => callPlatform<TenantLimits>("GET", `/tenants/${slug}/limits`),
  });
  const may = me.may("tenants:change");
  const button = (name: string, what: Changing) =>
    may ? (
      <Button
        size="compact-sm"
        variant="default"
        ml="xs"
        aria-label={t("Change: {name}", { name })}
        onClick={() => change(what)}
      >
        {t("Change …")}
      </Button>
    ) : null;
  return (
    <Stack gap="sm" component="section" aria-label={t("Limits and flags")}>
      <Title order={2} size="h4">
        {t("Limits and flags")}
      </Title>
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : !found.data ? (
        <Waiting lines={3} />
      ) : changing ? (
        <LimitForm slug={slug} of={changing} close={() => change(null)} />
      ) : (
        <dl className={classes.facts}>
          {found.data.limits.map((one) => (
            <div key={one.name} style={{ display: "contents" }}>
              <dt>{limitWords(one.name)}</dt>
              <dd>
                <Group gap={0}>
                  {formatNumber(one.value)}
                  {button(limitWords(one.name), { kind: "limit", limit: one })}
                </Group>
                {one.own ? <Why of={one} standard={one.standard} /> : null}
              </dd>
            </div>
          ))}
          {found.data.flags.map((one) => (
            <div key={one.name} style={{ display: "contents" }}>
              <dt>{flagWords(one.name)}</dt>
              <dd>
                <Group gap={0}>
                  <State tone={one.on ? "positive" : "danger"}>{one.on ? t("On") : t("Off")}</State>
                  {button(flagWords(one.name), { kind: "flag", flag: one })}
                </Group>
                {one.on ? null : <Why of={one} />}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Stack>
  );
}

function Why({ of, standard }: { of: Own; standard?: number }) {
  const parts = [
    standard === undefined ? null : t("(all others: {limit})", { limit: formatNumber(standard) }),
    of.until ? t("until {at}", { at: formatDateTime(of.until) }) : null,
    of.reason,
  ];
  return (
    <Text size="sm" c="var(--muted)">
      {parts.filter(Boolean).join(" · ")}
    </Text>
  );
}
