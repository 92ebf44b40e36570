import type { Measurement } from "@/api/types.gen";
import { t } from "@/i18n";
import { formatCompact, formatDay, formatNumber } from "@/i18n/formats";
import { Chart } from "@/ui/Chart";
import { useChartColours } from "@/ui/chartColours";

/** Shown, followed and taken, by day of the programme. */
export function DaysChart({ told }: { told: Measurement }) {
  const colours = useChartColours();
  const names = { shown: t("Shown"), followed: t("Followed"), taken: t("Taken up") };
  const axis = { color: colours.muted, fontSize: 11 };
  const total = (of: "impressions" | "clicks" | "conversions") =>
    formatNumber(told.days.reduce((sum, day) => sum + day[of], 0));
  const line = { type: "line", symbol: "none", lineStyle: { width: 2 } };
  return (
    <Chart
      height={260}
      summary={t("Shown {shown} times, followed {followed} times, taken up {taken} times.", {
        shown: total("impressions"),
        followed: total("clicks"),
        taken: total("conversions"),
      })}
      table={{
        head: [t("Day"), names.shown, names.followed, names.taken],
        rows: told.days.map((day) => [
          formatDay(day.day),
          formatNumber(day.impressions),
          formatNumber(day.clicks),
          formatNumber(day.conversions),
        ]),
      }}
      option={{
        color: [
          colours.before,
          colours.series[0] ?? colours.text,
          colours.series[1] ?? colours.text,
        ],
        grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
        legend: {
          top: 0,
          left: 0,
          itemWidth: 14,
          itemHeight: 8,
          textStyle: { color: colours.text, fontSize: 12 },
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
          data: told.days.map((day) => formatDay(day.day)),
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
          axisLabel: { ...axis, hideOverlap: true },
        },
        yAxis: {
          type: "value",
          minInterval: 1,
          axisLabel: { ...axis, formatter: (value: number) => formatCompact(value) },
          splitLine: { lineStyle: { color: colours.line } },
        },
        series: [
          {
            name: names.shown,
            type: "bar",
            data: told.days.map((day) => day.impressions),
            itemStyle: { borderRadius: [3, 3, 0, 0] },
            barMaxWidth: 14,
          },
          { ...line, name: names.followed, data: told.days.map((day) => day.clicks) },
          { ...line, name: names.taken, data: told.days.map((day) => day.conversions) },
        ],
      }}
    />
  );
}
