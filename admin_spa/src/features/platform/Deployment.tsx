import { SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { DeploymentOverview, TrafficMinute } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useUrlState } from "@/app/links";
import { t } from "@/i18n";
import { formatDateTime, formatNumber } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { Chart } from "@/ui/Chart";
import { useChartColours } from "@/ui/chartColours";
import { Page, Waiting } from "@/ui/Page";
import { Figure } from "@/ui/Values";

/** How the whole deployment answers, and how long messages wait. */
export function Deployment() {
  return (
    <Guarded permission="tenants:read" title={t("Deployment")}>
      <Drawn />
    </Guarded>
  );
}

function Drawn() {
  const [view, setView] = useUrlState({ hours: "3" });
  const found = useQuery({
    queryKey: ["platform", "overview", view.hours],
    queryFn: () =>
      callPlatform<DeploymentOverview>("GET", "/overview", { query: { hours: view.hours } }),
    refetchInterval: 30_000,
  });
  return (
    <Page
      title={t("Deployment")}
      lead={t("Answers, failures, times and waiting of the last hours, over all tenants.")}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
    >
      <SegmentedControl
        mb="lg"
        aria-label={t("Hours")}
        value={view.hours}
        onChange={(hours) => setView({ hours })}
        data={["1", "3", "24"].map((value) => ({ value, label: t("{n} h", { n: value }) }))}
      />
      {found.data ? <Charts told={found.data} /> : <Waiting />}
    </Page>
  );
}

/** The faces of one minute together; times are those of the slowest face. */
function byMinute(minutes: TrafficMinute[]) {
  const sums = new Map<string, { requests: number; failed: number; p50: number; p95: number }>();
  for (const one of minutes) {
    const sum = sums.get(one.minute) ?? { requests: 0, failed: 0, p50: 0, p95: 0 };
    sum.requests += one.requests;
    sum.failed += one.failed;
    sum.p50 = Math.max(sum.p50, one.p50Ms ?? 0);
    sum.p95 = Math.max(sum.p95, one.p95Ms ?? 0);
    sums.set(one.minute, sum);
  }
  return [...sums].sort(([a], [b]) => a.localeCompare(b));
}

function Charts({ told }: { told: DeploymentOverview }) {
  const rows = byMinute(told.minutes);
  const times = rows.map(([at]) => formatDateTime(at));
  const requests = rows.reduce((n, [, one]) => n + one.requests, 0);
  const failed = rows.reduce((n, [, one]) => n + one.failed, 0);
  const slowest = Math.max(0, ...rows.map(([, one]) => one.p95));
  const slugs = [...new Set(told.delays.map((one) => one.slug))];
  const minutes = [...new Set(told.delays.map((one) => one.minute))].sort();
  const waited = new Map(told.delays.map((one) => [`${one.slug} ${one.minute}`, one.delayS]));
  const longest = Math.max(0, ...told.delays.map((one) => one.delayS));
  return (
    <Stack gap="xl">
      <Lines
        title={t("Answers a minute")}
        summary={t("{requests} answers, of which {failed} failed.", {
          requests: formatNumber(requests),
          failed: formatNumber(failed),
        })}
        times={times}
        lines={[
          [t("Answers"), rows.map(([, one]) => one.requests)],
          [t("Failed"), rows.map(([, one]) => one.failed)],
        ]}
      />
      <Lines
        title={t("Time to answer, in milliseconds")}
        summary={t("At worst, 95 of 100 answers took up to {ms} ms.", {
          ms: formatNumber(slowest),
        })}
        times={times}
        lines={[
          [t("Half of the answers"), rows.map(([, one]) => one.p50)],
          [t("95 of 100"), rows.map(([, one]) => one.p95)],
        ]}
      />
      <Lines
        title={t("Waiting for a worker, in seconds")}
        summary={t("The longest wait was {s} s.", { s: formatNumber(longest) })}
        times={minutes.map((at) => formatDateTime(at))}
        lines={slugs.map((slug) => [slug, minutes.map((at) => waited.get(`${slug} ${at}`) ?? 0)])}
      />
      <section>
        <Title order={2} size="h4" mb="sm">
          {t("Answers by tenant, most failures first")}
        </Title>
        <Table className="figures">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("Tenant")}</Table.Th>
              <Table.Th ta="end">{t("Answers")}</Table.Th>
              <Table.Th ta="end">{t("Refused")}</Table.Th>
              <Table.Th ta="end">{t("Failed")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {told.busiest.map((one) => (
              <Table.Tr key={one.slug}>
                <Table.Td>{one.name}</Table.Td>
                <Table.Td ta="end">
                  <Figure n={one.requests} />
                </Table.Td>
                <Table.Td ta="end">
                  <Figure n={one.refused} />
                </Table.Td>
                <Table.Td ta="end">
                  <Figure n={one.failed} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </section>
    </Stack>
  );
}

function Lines({
  title,
  summary,
  times,
  lines,
}: {
  title: string;
  summary: string;
  times: string[];
  lines: [string, number[]][];
}) {
  const colours = useChartColours();
  const axis = { color: colours.muted, fontSize: 11 };
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {times.length ? (
        <Chart
          height={220}
          summary={summary}
          table={{
            head: [t("Minute"), ...lines.map(([name]) => name)],
            rows: times.map((at, n) => [
              at,
              ...lines.map(([, values]) => formatNumber(values[n] ?? 0)),
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
              data: times,
              axisLine: { lineStyle: { color: colours.line } },
              axisTick: { show: false },
              axisLabel: { ...axis, hideOverlap: true },
            },
            yAxis: {
              type: "value",
              axisLabel: axis,
              splitLine: { lineStyle: { color: colours.line } },
            },
            series: lines.map(([name, data], n) => ({
              name,
              type: "line",
              data,
              // A line of one point is none: the point itself is drawn.
              symbol: data.length > 1 ? "none" : "circle",
              symbolSize: 8,
              lineStyle: { color: colours.series[n % colours.series.length], width: 2 },
              itemStyle: { color: colours.series[n % colours.series.length] },
            })),
          }}
        />
      ) : (
        <Text size="sm" c="var(--muted)">
          {t("Nothing yet.")}
        </Text>
      )}
    </section>
  );
}
