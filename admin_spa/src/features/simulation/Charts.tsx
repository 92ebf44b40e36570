import type { EChartsCoreOption } from "echarts/core";
import { useMemo } from "react";
import { language, t, tn } from "@/i18n";
import { formatCompact, formatDay, formatMonth, formatNumber } from "@/i18n/formats";
import { Chart } from "@/ui/Chart";
import { useChartColours } from "@/ui/chartColours";
import type { BackTestReport } from "./api";
import { changePercent, tierName } from "./words";

type Colours = ReturnType<typeof useChartColours>;

function frame(colours: Colours, names: string[], extra: EChartsCoreOption): EChartsCoreOption {
  return {
    color: [colours.before, colours.series[0] ?? colours.text],
    grid: { left: 8, right: 12, top: 36, bottom: 4, containLabel: true },
    legend: { top: 0, textStyle: { color: colours.text }, itemHeight: 10 },
    tooltip: { trigger: "axis" },
    xAxis: {
      type: "category",
      data: names,
      axisLabel: { color: colours.muted, hideOverlap: true },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      axisLabel: { color: colours.muted, formatter: (n: number) => formatCompact(n) },
      splitLine: { lineStyle: { color: colours.line } },
    },
    ...extra,
  };
}

/** Points a day, in force and with the change. */
export function Days({ report, of }: { report: BackTestReport; of: "issued" | "redeemed" }) {
  const colours = useChartColours();
  const days = useMemo(() => report.byDay.map((d) => formatDay(d.day)), [report]);
  const before = report.byDay.map((d) => (of === "issued" ? d.issuedBefore : d.redeemedBefore));
  const after = report.byDay.map((d) => (of === "issued" ? d.issuedAfter : d.redeemedAfter));
  const line = { type: "line", symbol: "none", lineStyle: { width: 2 } };
  // A filled ground for what is in force: a line would hide behind the other where they agree.
  const ground = { ...line, lineStyle: { width: 0 }, areaStyle: { opacity: 0.75 } };
  const sums = report.before[of];
  const then = report.after[of];
  const values = {
    before: formatNumber(sums),
    after: formatNumber(then),
    change: changePercent(sums, then),
  };
  return (
    <Chart
      option={frame(colours, days, {
        series: [
          { ...ground, name: t("In force"), data: before },
          { ...line, name: t("With the change"), data: after },
        ],
      })}
      summary={
        of === "issued"
          ? t("Points issued: {before} in force, {after} with the change ({change}).", values)
          : t("Points redeemed: {before} in force, {after} with the change ({change}).", values)
      }
      table={{
        head: [t("Day"), t("In force"), t("With the change")],
        rows: days.map((day, n) => [
          day,
          formatNumber(before[n] ?? 0),
          formatNumber(after[n] ?? 0),
        ]),
      }}
    />
  );
}

/** Members in each tier on both sides. */
export function TierBars({ report }: { report: BackTestReport }) {
  const colours = useChartColours();
  const { counts, moves, up, down } = report.tiers;
  const named = Object.fromEntries(
    counts.map((c) => [c.tier ?? "", tierName(c.names, c.tier, language())]),
  );
  const names = counts.map((c) => named[c.tier ?? ""] ?? "");
  const summary = moves.length
    ? t("{up} go up and {down} go down.", {
        up: tn("{n} member", "{n} members", up),
        down: tn("{n} member", "{n} members", down),
      })
    : t("Everybody stays in their tier.");
  return (
    <Chart
      option={frame(colours, names, {
        series: [
          { type: "bar", name: t("In force"), data: counts.map((c) => c.before), barMaxWidth: 36 },
          {
            type: "bar",
            name: t("With the change"),
            data: counts.map((c) => c.after),
            barMaxWidth: 36,
          },
        ],
      })}
      summary={summary}
      table={{
        head: [t("From"), t("To"), t("Members")],
        rows: moves.length
          ? moves.map((m) => [
              named[m.fromTier ?? ""] ?? "",
              named[m.toTier ?? ""] ?? "",
              formatNumber(m.members),
            ])
          : counts.map((c) => [
              named[c.tier ?? ""] ?? "",
              named[c.tier ?? ""] ?? "",
              formatNumber(c.after),
            ]),
      }}
    />
  );
}

/** How many members gain and lose how much of what their balance buys. */
export function GainLose({ report }: { report: BackTestReport }) {
  const colours = useChartColours();
  const { distribution, gain, lose, same } = report.members;
  const label = (low: number | null, high: number | null) =>
    low === null
      ? t("below {n} %", { n: high ?? 0 })
      : high === null
        ? t("from +{n} %", { n: low })
        : t("{low} to {high} %", { low: signed(low), high: signed(high) });
  const names = distribution.map((b) => label(b.low, b.high));
  const middle = distribution.findIndex((b) => b.low === 0);
  names.splice(middle, 0, t("the same"));
  const members = distribution.map((b) => b.members);
  members.splice(middle, 0, same);
  const tone = (n: number) =>
    n < middle ? colours.series[1] : n === middle ? colours.before : colours.series[0];
  return (
    <Chart
      option={frame(colours, names, {
        legend: undefined,
        xAxis: {
          type: "category",
          data: names,
          axisLabel: { color: colours.muted, interval: 0, rotate: 40 },
          axisLine: { lineStyle: { color: colours.line } },
          axisTick: { show: false },
        },
        grid: { left: 8, right: 12, top: 12, bottom: 4, containLabel: true },
        series: [
          {
            type: "bar",
            name: t("Members"),
            data: members.map((value, n) => ({ value, itemStyle: { color: tone(n) } })),
            barCategoryGap: "12%",
          },
        ],
      })}
      summary={t("Of {all}, {gain} can buy more than before, {lose} less, {same} the same.", {
        all: tn("{n} member", "{n} members", gain + lose + same),
        gain: formatNumber(gain),
        lose: formatNumber(lose),
        same: formatNumber(same),
      })}
      table={{
        head: [t("What the balance buys"), t("Members")],
        rows: names.map((name, n) => [name, formatNumber(members[n] ?? 0)]),
      }}
    />
  );
}

/** When the window's points end. */
export function Expiry({ report }: { report: BackTestReport }) {
  const colours = useChartColours();
  const names = report.expiry.map((m) => (m.month ? formatMonth(m.month) : t("never")));
  const changed = report.expiry.some((m) => m.before !== m.after);
  return (
    <Chart
      option={frame(colours, names, {
        series: [
          { type: "bar", name: t("In force"), data: report.expiry.map((m) => m.before) },
          { type: "bar", name: t("With the change"), data: report.expiry.map((m) => m.after) },
        ],
      })}
      summary={
        changed
          ? t("Points of these days by the month in which they expire.")
          : t("The points of these days expire when they would anyway.")
      }
      table={{
        head: [t("Month"), t("In force"), t("With the change")],
        rows: report.expiry.map((m, n) => [
          names[n] ?? "",
          formatNumber(m.before),
          formatNumber(m.after),
        ]),
      }}
    />
  );
}

const signed = (n: number) => (n > 0 ? `+${n}` : String(n));
