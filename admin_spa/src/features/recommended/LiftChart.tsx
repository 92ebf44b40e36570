import type { MeasuredLine, Measurement } from "@/api/types.gen";
import { t, tn } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { Chart } from "@/ui/Chart";
import { useChartColours } from "@/ui/chartColours";
import { kindWords, liftWords, share, signed, verdictOf } from "./words";

const ROW_PX = 44;
const PERCENT = 10_000;

/** Each kind's lift as a point on its interval; what crosses nought could be chance. */
export function LiftChart({
  told,
  placement,
}: {
  told: Measurement;
  placement: (key: string | null) => string;
}) {
  const colours = useChartColours();
  const lines = told.lines.filter((one) => one.placement === null && one.lift !== null);
  const names = lines.map((one) => kindWords(one.kind));
  const colour = (one: MeasuredLine) =>
    one.verdict === "gain"
      ? colours.series[0]
      : one.verdict === "loss"
        ? colours.series[5]
        : colours.muted;
  const low = lines.map((one) => (one.low ?? 0) / PERCENT);
  const wide = lines.map((one) => ((one.high ?? 0) - (one.low ?? 0)) / PERCENT);
  const axis = { color: colours.muted, fontSize: 12 };
  const proven = lines.filter((one) => one.verdict === "gain").length;
  return (
    <Chart
      height={lines.length * ROW_PX + 56}
      summary={t(
        "{proven} of {all} bring more than the holdout; the bars are intervals of {level} %.",
        {
          proven: tn("{n} kind", "{n} kinds", proven),
          all: told.lines.filter((one) => one.placement === null).length,
          level: told.level,
        },
      )}
      table={{
        head: [t("Kind"), t("Placement"), t("Shown"), t("Holdout"), t("Lift"), t("Verdict")],
        rows: told.lines.map((one) => [
          kindWords(one.kind),
          placement(one.placement),
          t("{rate} of {n}", {
            rate: share(one.shown.rate),
            n: formatNumber(one.shown.reached),
          }),
          t("{rate} of {n}", {
            rate: share(one.holdout.rate),
            n: formatNumber(one.holdout.reached),
          }),
          liftWords(one),
          verdictOf(one).words,
        ]),
      }}
      option={{
        grid: { left: 8, right: 24, top: 8, bottom: 8, containLabel: true },
        tooltip: {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          backgroundColor: colours.raised,
          borderColor: colours.line,
          textStyle: { color: colours.text },
          formatter: (points: { dataIndex: number }[]) => {
            const one = lines[points[0]?.dataIndex ?? 0];
            return one ? `${kindWords(one.kind)}\n${liftWords(one)}` : "";
          },
        },
        xAxis: {
          type: "value",
          axisLabel: { ...axis, formatter: (n: number) => signed(n * PERCENT), hideOverlap: true },
          splitLine: { lineStyle: { color: colours.line } },
        },
        yAxis: {
          type: "category",
          inverse: true,
          data: names,
          axisLabel: { ...axis, color: colours.text, width: 130, overflow: "break" },
          axisLine: { show: false },
          axisTick: { show: false },
        },
        series: [
          {
            type: "bar",
            stack: "interval",
            stackStrategy: "all",
            silent: true,
            barWidth: 10,
            itemStyle: { color: "transparent" },
            data: low,
          },
          {
            type: "bar",
            stack: "interval",
            stackStrategy: "all",
            barWidth: 10,
            data: wide.map((value, n) => {
              const one = lines[n];
              return {
                value,
                itemStyle: { color: one ? colour(one) : colours.muted, opacity: 0.5 },
              };
            }),
            markLine: {
              silent: true,
              symbol: "none",
              label: { show: false },
              lineStyle: { color: colours.text, type: "solid", width: 1 },
              data: [{ xAxis: 0 }],
            },
          },
          {
            type: "line",
            symbol: "circle",
            symbolSize: 12,
            lineStyle: { width: 0 },
            data: lines.map((one, n) => ({
              value: [(one.lift ?? 0) / PERCENT, n],
              itemStyle: { color: colour(one) },
            })),
          },
        ],
      }}
    />
  );
}
