import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { TenantSheet } from "@/api/types.gen";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime, formatDuration } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { SidePanel } from "@/ui/SidePanel";
import { Figure, State, When } from "@/ui/Values";
import { Health } from "./Health";
import { Lead } from "./Lead";
import { LimitsHere } from "./LimitsHere";
import { MaintenanceHere } from "./MaintenanceHere";
import { PlanHere } from "./PlanHere";
import { SupportHere } from "./SupportHere";
import classes from "./Tenant.module.css";
import { failedWords, healthWords, statusWords, wayWords } from "./words";

/** One tenant: how it does, where it can be led, and access to its console. */
export function Tenant() {
  const { tenant } = useParams({ strict: false }) as { tenant: string };
  const found = useQuery({
    queryKey: ["platform", "tenant", tenant],
    queryFn: () => callPlatform<TenantSheet>("GET", `/tenants/${tenant}`),
  });
  return (
    <SidePanel title={found.data?.name ?? t("Tenant")} closeTo="/tenants" size={560}>
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : found.data ? (
        <Sheet of={found.data} />
      ) : (
        <Waiting />
      )}
    </SidePanel>
  );
}

function Sheet({ of: tenant }: { of: TenantSheet }) {
  const me = useMe();
  const [target, lead] = useState<TenantSheet["ways"][number] | null>(null);
  const { figures } = tenant;
  return (
    <Stack gap="lg">
      <Group gap="xs">
        <State tone={statusWords(tenant.status).tone}>{statusWords(tenant.status).text}</State>
        <State tone={healthWords(figures.health).tone}>{healthWords(figures.health).text}</State>
        <Text size="sm" c="var(--muted)">
          {t("since {at}", { at: formatDateTime(tenant.statusSince) })}
        </Text>
      </Group>
      <Health slug={tenant.slug} problems={figures.problems} />
      <dl className={classes.facts}>
        <dt>{t("Site")}</dt>
        <dd>
          <Anchor href={tenant.siteUrl} target="_blank" rel="noreferrer">
            {tenant.siteUrl}
          </Anchor>
        </dd>
        <dt>{t("Members")}</dt>
        <dd>
          <Figure n={figures.members} />
        </dd>
        <dt>{t("Points in all wallets")}</dt>
        <dd>
          <Figure n={figures.pointsOutstanding} />
        </dd>
        <dt>{t("Points held for orders")}</dt>
        <dd>
          <Figure n={figures.pointsHeld} />
        </dd>
        <dt>{t("Open orders")}</dt>
        <dd>
          <Figure n={figures.openOrders} />
        </dd>
        <dt>{t("Parked jobs")}</dt>
        <dd>
          <Figure n={figures.parked} />
        </dd>
        <dt>{t("Oldest job that is due")}</dt>
        <dd>
          {figures.lateSeconds
            ? t("waits for {time}", { time: formatDuration(figures.lateSeconds) })
            : t("None waits")}
        </dd>
        <dt>{t("Failed answers in the last hour")}</dt>
        <dd>{failedWords(figures)}</dd>
        {tenant.statusEndsAt ? (
          <>
            <dt>{t("The state ends")}</dt>
            <dd>
              <When at={tenant.statusEndsAt} />
            </dd>
          </>
        ) : null}
      </dl>
      <SupportHere slug={tenant.slug} />
      <PlanHere slug={tenant.slug} />
      <LimitsHere slug={tenant.slug} />
      <MaintenanceHere slug={tenant.slug} />
      {me.may("tenants:change") && tenant.ways.length ? (
        <Group gap="xs">
          {tenant.ways.map((way) => (
            <Button
              key={way.target}
              size="sm"
              variant="default"
              {...(["suspended", "closing", "closed"].includes(way.target) ? { c: "red" } : {})}
              disabled={Boolean(way.notBefore && new Date(way.notBefore) > new Date())}
              onClick={() => lead(way)}
            >
              {wayWords(way.target)}
            </Button>
          ))}
        </Group>
      ) : null}
      {target ? <Lead tenant={tenant} way={target} close={() => lead(null)} /> : null}
    </Stack>
  );
}
