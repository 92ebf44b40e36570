import type { Overview } from "@/api/types.gen";
import { t } from "@/i18n";
import { formatCompact, formatDay, formatNumber } from "@/i18n/formats";
import { Chart } from "@/ui/Chart";
import { useChartColours } from "@/ui/chartColours";

/** Issued and redeemed per day; the period before stands behind as a grey line. */
export function PointsByDay({ told }: { told: Overview }) {
  const colours = useChartColours();
  const half = told.days.length / 2;
  const before = told.days.slice(0, half);
  const days = told.days.slice(half);
  const names = {
    issued: t("Issued"),
    redeemed: t("Redeemed"),
    before: t("Issued, 30 days before"),
  };
  const axis = { color: colours.muted, fontSize: 11 };
  return (
    <Chart
      height={260}
      summary={t("{issued} points were issued in 30 days and {redeemed} redeemed.", {
        issued: formatNumber(told.issued.now),
        redeemed: formatNumber(told.redeemed.now),
      })}
      table={{
        head: [t("Day"), names.issued, names.redeemed, t("Expired")],
        rows: days.map((d) => [
          formatDay(d.day),
          formatNumber(d.issued),
          formatNumber(d.redeemed),
          formatNumber(d.expired),
        ]),
      }}
      option={{
        grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
        legend: {
          top: 0,
          left: 0,
          itemWidth: 14,
          itemHeight: 8,
          textStyle: { color: colours.muted, fontSize: 12 },
        },
        tooltip: {
          trigger: "axis",
          backgroundColor: colours.raised,
          borderColor: colours.line,
          textStyle: { color: colours.text },
          valueFormatter: (value: unknown) => formatNumber(Number(value)),
        },
        xAxis: {
          type: "category",
          data: days.map((d) => formatDay(d.day)),
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: { ...axis, hideOverlap: true },
        },
        yAxis: {
          type: "value",
          axisLabel: { ...axis, formatter: (value: number) => formatCompact(value) },
          splitLine: { lineStyle: { color: colours.line } },
        },
        series: [
          {
            name: names.issued,
            type: "bar",
            data: days.map((d) => d.issued),
            itemStyle: { color: colours.series[0], borderRadius: [3, 3, 0, 0] },
            barMaxWidth: 12,
          },
          {
            name: names.redeemed,
            type: "bar",
            data: days.map((d) => d.redeemed),
            itemStyle: { color: colours.series[1], borderRadius: [3, 3, 0, 0] },
            barMaxWidth: 12,
          },
          {
            name: names.before,
            type: "line",
            data: before.map((d) => d.issued),
            symbol: "none",
            lineStyle: { color: colours.before, width: 2 },
            itemStyle: { color: colours.before },
          },
        ],
      }}
    />
  );
}
