import { Button, SimpleGrid, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { PlanOffer, PlanUsage } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatMoney } from "@/i18n/formats";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { done } from "@/ui/notices";
import { Card } from "@/ui/Page";
import { State } from "@/ui/Values";
import classes from "./Plan.module.css";
import { amount, meterName } from "./words";

/** The plans that there are, and going over to another. */
export function Plans({ usage }: { usage: PlanUsage }) {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const confirm = useConfirm();
  const choose = useMutation({
    mutationFn: (plan: string) => call<PlanUsage>("POST", `/${brand}/plan`, { body: { plan } }),
    onSuccess: (found) => {
      client.setQueryData(["plan", brand], found);
      done(t("The plan is changed."));
    },
  });
  const ask = async (plan: PlanOffer) => {
    const tight = plan.quotas.filter((quota) => {
      const used = usage.gauges.find((one) => one.meter === quota.meter)?.used ?? 0;
      return quota.limit !== null && used > quota.limit;
    });
    const yes = await confirm({
      title: t("Go over to {plan}?", { plan: plan.title }),
      consequence: tight.length
        ? t(
            "It is in force at once, and this month is charged by it: {price}. More is used already than it includes of: {quotas}. Nothing that is there goes.",
            {
              price: formatMoney(plan.price),
              quotas: tight.map((one) => meterName(one.meter)).join(", "),
            },
          )
        : t("It is in force at once, and this month is charged by it: {price}.", {
            price: formatMoney(plan.price),
          }),
      act: t("Go over to {plan}", { plan: plan.title }),
    });
    if (yes) choose.mutate(plan.key);
  };
  return (
    <Card title={t("Plans")} lead={t("Prices a month, charged when it is over.")}>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="md">
        {usage.plans.map((plan) => {
          const own = plan.key === usage.plan;
          return (
            <div key={plan.key} className={`${classes.plan} ${own ? classes.chosen : ""}`}>
              <Text fw={640}>
                {plan.title} {own ? <State tone="accent">{t("Yours")}</State> : null}
              </Text>
              <Text size="lg">
                {plan.byAgreement ? t("By agreement") : formatMoney(plan.price)}
              </Text>
              <ul>
                {plan.quotas.map((quota) => (
                  <li key={quota.meter}>
                    {meterName(quota.meter)}:{" "}
                    {quota.limit === null ? t("no limit") : amount(quota.meter, quota.limit)}
                  </li>
                ))}
              </ul>
              {own || plan.byAgreement || !me.may("brand:manage") ? null : (
                <Button variant="default" loading={choose.isPending} onClick={() => void ask(plan)}>
                  {t("Choose {plan}", { plan: plan.title })}
                </Button>
              )}
            </div>
          );
        })}
      </SimpleGrid>
    </Card>
  );
}
