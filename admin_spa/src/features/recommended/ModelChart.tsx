import type { ModelEvaluation } from "@/api/types.gen";
import { t } from "@/i18n";
import { formatNumber, formatPercent } from "@/i18n/formats";
import { Chart } from "@/ui/Chart";
import { useChartColours } from "@/ui/chartColours";
import { methodWords } from "./words";

/** How well each method foretold what came later. */
export function ModelChart({ told }: { told: ModelEvaluation }) {
  const colours = useChartColours();
  const names = told.methods.map((one) => methodWords(one.method));
  const measures = [
    { name: t("Hit rate at 10"), of: told.methods.map((one) => one.hitRate) },
    { name: t("NDCG"), of: told.methods.map((one) => one.ndcg) },
    { name: t("Coverage"), of: told.methods.map((one) => one.coverage) },
  ];
  const best = told.methods.reduce((a, b) => (b.ndcg > a.ndcg ? b : a), told.methods[0] ?? EMPTY);
  return (
    <Chart
      height={240}
      summary={t("Best: {method} with a hit rate of {rate}.", {
        method: methodWords(best.method),
        rate: formatPercent(best.hitRate, 1),
      })}
      table={{
        head: [t("Method"), t("Hit rate at 10"), t("NDCG"), t("Coverage")],
        rows: told.methods.map((one) => [
          methodWords(one.method),
          t("{value} ± {error}", {
            value: formatPercent(one.hitRate, 1),
            error: formatPercent(one.hitRateError, 1),
          }),
          t("{value} ± {error}", {
            value: formatNumber(one.ndcg, { maximumFractionDigits: 4 }),
            error: formatNumber(one.ndcgError, { maximumFractionDigits: 4 }),
          }),
          formatPercent(one.coverage, 1),
        ]),
      }}
      option={{
        grid: { left: 8, right: 8, top: 36, bottom: 4, containLabel: true },
        legend: { top: 0, left: 0, itemHeight: 10, textStyle: { color: colours.text } },
        tooltip: {
          trigger: "axis",
          axisPointer: { type: "shadow" },
          backgroundColor: colours.raised,
          borderColor: colours.line,
          textStyle: { color: colours.text },
          valueFormatter: (value: unknown) => formatPercent(Number(value), 1),
        },
        xAxis: {
          type: "category",
          data: names,
          axisLabel: { color: colours.muted, interval: 0, width: 90, overflow: "break" },
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
        },
        yAxis: {
          type: "value",
          axisLabel: { color: colours.muted, formatter: (n: number) => formatPercent(n, 0) },
          splitLine: { lineStyle: { color: colours.line } },
        },
        series: measures.map((one, n) => ({
          name: one.name,
          type: "bar",
          data: one.of,
          barMaxWidth: 26,
          itemStyle: { color: colours.series[n] ?? colours.text, borderRadius: [3, 3, 0, 0] },
        })),
      }}
    />
  );
}

const EMPTY = { method: "", hitRate: 0, hitRateError: 0, ndcg: 0, ndcgError: 0, coverage: 0 };
