import { Alert, Progress, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import type { PlanUsage, UsageGauge } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { formatDay, formatMoney, formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { Chart } from "@/ui/Chart";
import { useChartColours } from "@/ui/chartColours";
import { Card, Page } from "@/ui/Page";
import { State } from "@/ui/Values";
import classes from "./Plan.module.css";
import { Plans } from "./Plans";
import { Statements } from "./Statements";
import { amount, meterName, monthName } from "./words";

const NEAR = 80;

/** What the plan includes, what is used of it, and what past months came to. */
export function Plan() {
  return (
    <Guarded permission="brand:read" title={t("Plan and usage")}>
      <Usage />
    </Guarded>
  );
}

function Usage() {
  const brand = useBrand();
  const found = useQuery({
    queryKey: ["plan", brand],
    queryFn: () => call<PlanUsage>("GET", `/${brand}/plan`),
    refetchInterval: 60_000,
  });
  const usage = found.data;
  const plan = usage?.plans.find((one) => one.key === usage.plan);
  return (
    <Page
      title={t("Plan and usage")}
      lead={usage ? t("{month}, by days in UTC", { month: monthName(usage.period) }) : undefined}
      badge={plan ? <State tone="accent">{plan.title}</State> : undefined}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {usage ? (
        <Stack gap="lg">
          <Full of={usage.gauges} />
          <Card title={t("Used of the plan")}>
            <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="lg">
              {usage.gauges.map((one) => (
                <Gauge key={one.meter} of={one} />
              ))}
            </SimpleGrid>
          </Card>
          <Card title={t("By day")}>
            <Days usage={usage} />
          </Card>
          <Statements />
          <Plans usage={usage} />
        </Stack>
      ) : null}
    </Page>
  );
}

/** What is refused right now, and what to do about it. */
function Full({ of }: { of: UsageGauge[] }) {
  const refused = of.filter((one) => one.policy === "hard" && one.percent >= 100);
  if (!refused.length) return null;
  return (
    <Alert
      color="red"
      variant="light"
      icon={<CircleAlert aria-hidden size={20} />}
      title={t("More is refused: {quotas}", {
        quotas: refused.map((one) => meterName(one.meter)).join(", "),
      })}
    >
      <Text size="sm">{t("Nothing is lost. Choose a larger plan below to go on.")}</Text>
    </Alert>
  );
}

function Gauge({ of }: { of: UsageGauge }) {
  const used = amount(of.meter, of.used);
  const name = meterName(of.meter);
  const told =
    of.limit === null
      ? t("{used}, without a limit", { used })
      : t("{used} of {limit}", { used, limit: amount(of.meter, of.limit) });
  const tone =
    of.percent >= 100 ? "var(--danger)" : of.percent >= NEAR ? "var(--warning)" : "var(--accent)";
  return (
    <div>
      <div className={classes.head}>
        <Text fw={600}>{name}</Text>
        <span className={classes.used}>{told}</span>
      </div>
      {of.limit === null ? null : (
        <Progress.Root size="lg">
          <Progress.Section
            value={Math.min(100, of.percent)}
            color={tone}
            aria-label={`${name}: ${told}`}
          />
        </Progress.Root>
      )}
      <span className={classes.note}>{beyond(of)}</span>
    </div>
  );
}

function beyond(of: UsageGauge): string {
  if (of.limit === null) return "";
  if (of.policy === "hard") return t("{n} %; more is refused.", { n: formatNumber(of.percent) });
  return t("{n} %; beyond it each {per} cost {money}.", {
    n: formatNumber(of.percent),
    per: amount(of.meter, of.per),
    money: formatMoney(of.extra),
  });
}

function Days({ usage }: { usage: PlanUsage }) {
  const colours = useChartColours();
  const names = { orders: t("Orders"), calls: t("API calls") };
  const axis = { color: colours.muted, fontSize: 11 };
  const sum = (of: "orders" | "apiCalls") =>
    formatNumber(usage.days.reduce((all, day) => all + day[of], 0));
  return (
    <Chart
      height={220}
      summary={t("{orders} orders and {calls} API calls this month.", {
        orders: sum("orders"),
        calls: sum("apiCalls"),
      })}
      table={{
        head: [t("Day"), names.orders, names.calls],
        rows: usage.days.map((d) => [
          formatDay(d.day),
          formatNumber(d.orders),
          formatNumber(d.apiCalls),
        ]),
      }}
      option={{
        grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
        legend: { top: 0, left: 0, textStyle: { color: colours.muted, fontSize: 12 } },
        tooltip: {
          trigger: "axis",
          backgroundColor: colours.raised,
          borderColor: colours.line,
          textStyle: { color: colours.text },
        },
        xAxis: {
          type: "category",
          data: usage.days.map((d) => formatDay(d.day)),
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: { ...axis, hideOverlap: true },
        },
        yAxis: [
          {
            type: "value",
            minInterval: 1,
            axisLabel: axis,
            splitLine: { lineStyle: { color: colours.line } },
          },
          { type: "value", minInterval: 1, axisLabel: axis, splitLine: { show: false } },
        ],
        series: [
          {
            name: names.orders,
            type: "bar",
            data: usage.days.map((d) => d.orders),
            itemStyle: { color: colours.series[0], borderRadius: [3, 3, 0, 0] },
            barMaxWidth: 16,
          },
          {
            name: names.calls,
            type: "line",
            yAxisIndex: 1,
            data: usage.days.map((d) => d.apiCalls),
            lineStyle: { color: colours.series[1], width: 2 },
            itemStyle: { color: colours.series[1] },
          },
        ],
      }}
    />
  );
}
