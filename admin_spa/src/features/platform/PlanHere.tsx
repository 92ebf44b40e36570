import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { TenantMeter, TenantPlan } from "@/api/types.gen";
import { useMe } from "@/app/me";
import { amount, meterName } from "@/features/plan/words";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State } from "@/ui/Values";
import { PlanForm } from "./PlanForm";
import classes from "./Tenant.module.css";

/** A tenant's plan, how full its quotas are, and quotas of its own. */
export function PlanHere({ slug }: { slug: string }) {
  const me = useMe();
  const [changing, change] = useState(false);
  const found = useQuery({
    queryKey: ["platform", "plan", slug],
    queryFn: () => callPlatform<TenantPlan>("GET", `/tenants/${slug}/plan`),
  });
  const plan = found.data;
  return (
    <Stack gap="sm" component="section" aria-label={t("Plan and limits")}>
      <Group gap="xs">
        <Title order={2} size="h4">
          {t("Plan and limits")}
        </Title>
        {plan ? (
          <State tone="accent">
            {plan.plans.find((one) => one.key === plan.plan)?.title ?? plan.plan}
          </State>
        ) : null}
      </Group>
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : !plan ? (
        <Waiting lines={3} />
      ) : changing ? (
        <PlanForm slug={slug} plan={plan} close={() => change(false)} />
      ) : (
        <>
          <dl className={classes.facts}>
            {plan.meters.map((one) => (
              <Meter key={one.meter} of={one} />
            ))}
          </dl>
          {me.may("tenants:change") ? (
            <Group>
              <Button variant="default" onClick={() => change(true)}>
                {t("Change plan and limits …")}
              </Button>
            </Group>
          ) : null}
        </>
      )}
    </Stack>
  );
}

function Meter({ of }: { of: TenantMeter }) {
  const used = amount(of.meter, of.used);
  return (
    <>
      <dt>{meterName(of.meter)}</dt>
      <dd>
        {of.limit === null
          ? t("{used}, without a limit", { used })
          : t("{used} of {limit}", { used, limit: amount(of.meter, of.limit) })}
        {of.own ? (
          <Text component="span" size="sm" c="var(--muted)">
            {" "}
            {of.planLimit === null
              ? t("(the plan has no limit)")
              : t("(the plan: {limit})", { limit: amount(of.meter, of.planLimit) })}
            {of.until ? ` · ${t("until {at}", { at: formatDateTime(of.until) })}` : null}
          </Text>
        ) : null}
      </dd>
    </>
  );
}
