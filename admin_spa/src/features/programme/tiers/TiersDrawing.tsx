/** The members of today on a histogram, the thresholds across it, and who would move. */

import { Table, Text } from "@mantine/core";
import type { EChartsCoreOption } from "echarts/core";
import { useMemo } from "react";
import { useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatCompact, formatNumber, formatPercent } from "@/i18n/formats";
import { Chart } from "@/ui/Chart";
import { useChartColours } from "@/ui/chartColours";
import { Effect } from "../Effect";
import { type TiersEffect, useEffectOf } from "../effects";
import { nameOf } from "../form/Items";
import { drawnBars, nameRows, painted } from "./picture";
import classes from "./tiers.module.css";

const ROW = 16; // of the thresholds' names, in pixels

type Tier = Record<string, unknown>;
interface Drawn {
  effect: TiersEffect;
  tiers: Tier[];
  names: Map<string, string>;
}

export function TiersDrawing({ tiers }: { tiers: Tier[] | undefined }) {
  const { brand } = useMe();
  const query = useEffectOf<TiersEffect>("tiers");
  const there = useMemo(() => tiers ?? [], [tiers]);
  const names = useMemo(
    () => new Map(there.map((one) => [String(one.key), nameOf(one, brand) || String(one.key)])),
    [there, brand],
  );
  return (
    <>
      <Effect
        title={t("Members of today")}
        lead={t("By qualifying points; lines are the thresholds of the draft.")}
        query={query}
      >
        {(effect) => <Histogram effect={effect} tiers={there} names={names} />}
      </Effect>
      <Effect title={t("Who would be where")} query={query}>
        {(effect) => <Moves effect={effect} tiers={there} names={names} />}
      </Effect>
    </>
  );
}

function Histogram({ effect, tiers, names }: Drawn) {
  const colours = useChartColours();
  const bars = useMemo(() => drawnBars(effect.bars), [effect.bars]);
  const reach = bars.length * (effect.bars[0]?.end ?? 1);
  const lines = useMemo(
    () =>
      tiers.map((one) => ({
        at: Number(one.threshold),
        name: names.get(String(one.key)) ?? String(one.key),
      })),
    [tiers, names],
  );
  const rows = useMemo(() => nameRows(lines, reach), [lines, reach]);
  const option = useMemo<EChartsCoreOption>(
    () => ({
      grid: {
        left: 8,
        right: 16,
        top: 24 + ROW * (Math.max(0, ...rows) + 1),
        bottom: 8,
        containLabel: true,
      },
      tooltip: {
        trigger: "axis",
        formatter: (points: { dataIndex: number }[]) => {
          const bar = bars[points[0]?.dataIndex ?? 0];
          return bar ? `${spanWords(bar)}\n${members(bar.members)}` : "";
        },
      },
      // Bars stand on categories; thresholds on the same width as a number line.
      xAxis: [
        {
          type: "category",
          data: bars.map((b) => formatCompact(b.start)),
          axisLine: { lineStyle: { color: colours.line } },
          axisLabel: { color: colours.muted, align: "right" },
          axisTick: { show: false },
        },
        { type: "value", min: 0, max: reach, show: false },
      ],
      yAxis: {
        type: "value",
        minInterval: 1,
        axisLabel: { color: colours.muted, formatter: (n: number) => formatCompact(n) },
        splitLine: { lineStyle: { color: colours.line } },
      },
      series: [
        {
          type: "bar",
          barCategoryGap: "12%",
          itemStyle: { color: colours.series[0], borderRadius: [2, 2, 0, 0] },
          data: bars.map((b) => b.members),
        },
        {
          type: "line",
          xAxisIndex: 1,
          data: [],
          markLine: {
            symbol: "none",
            silent: true,
            animation: false,
            data: lines.map((one, i) => ({
              xAxis: one.at,
              lineStyle: { color: colours.text, type: "solid", width: 1.5 },
              label: {
                formatter: one.name,
                color: colours.text,
                distance: 5 + ROW * (rows[i] ?? 0),
                // At the very left a centred name would stand on the axis.
                align: one.at === 0 ? "left" : "center",
              },
            })),
          },
        },
      ],
    }),
    [bars, reach, colours, lines, rows],
  );
  if (!effect.members) {
    return (
      <Text size="sm" c="var(--muted)">
        {t("Nobody has joined yet. Thresholds are drawn on members as soon as there are some.")}
      </Text>
    );
  }
  return (
    <Chart
      option={option}
      height={260}
      summary={tn(
        "{n} member by qualifying points.",
        "{n} members by qualifying points.",
        effect.members,
      )}
      table={{
        head: [t("Qualifying points"), t("Members")],
        rows: bars.map((b) => [spanWords(b), formatNumber(b.members)]),
      }}
    />
  );
}

function spanWords(bar: { start: number; end: number | null }): string {
  return bar.end === null
    ? t("{from} and more", { from: formatNumber(bar.start) })
    : t("{from} to {to}", { from: formatNumber(bar.start), to: formatNumber(bar.end - 1) });
}

function members(n: number): string {
  return tn("{n} member", "{n} members", n);
}

function Moves({ effect, tiers, names }: Drawn) {
  const colourOf = new Map(tiers.map((one) => [String(one.key), String(one.colour ?? "")]));
  if (!effect.tiers.length) {
    return (
      <Text size="sm" c="var(--muted)">
        {t("There are no tiers in the draft.")}
      </Text>
    );
  }
  const rise = tn("{n} member would rise", "{n} members would rise", effect.up);
  const fall = tn("{n} would fall.", "{n} would fall.", effect.down);
  return (
    <>
      <Text size="sm" mb="sm" role="status">
        {effect.up || effect.down ? `${rise}, ${fall}` : t("Nobody would change tier.")}{" "}
        {effect.periodChanged
          ? t("Points are counted over another period, so everybody is counted anew.")
          : null}
      </Text>
      <Table className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("Tier")}</Table.Th>
            <Table.Th className={classes.number}>{t("Now")}</Table.Th>
            <Table.Th className={classes.number}>{t("With the draft")}</Table.Th>
            <Table.Th className={classes.number}>{t("Share")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {effect.tiers.map((one) => (
            <Table.Tr key={one.tier} data-tier={one.tier}>
              <Table.Td>
                <span className={classes.tierCell}>
                  <span
                    className={classes.dot}
                    ref={painted(colourOf.get(one.tier) || "transparent")}
                  />
                  {names.get(one.tier) ?? t("{key} (taken away)", { key: one.tier })}
                </span>
              </Table.Td>
              <Table.Td className={classes.number}>{formatNumber(one.before)}</Table.Td>
              <Table.Td
                className={`${classes.number} ${one.before === one.after ? "" : classes.changed}`}
              >
                {formatNumber(one.after)}
              </Table.Td>
              <Table.Td className={classes.number}>
                {effect.members ? formatPercent(one.after / effect.members) : "–"}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {effect.moves.length ? (
        <ul className={classes.moves}>
          {effect.moves.map((move) => (
            <li key={`${move.source} ${move.target}`}>
              {t("{source} → {target}: {members}", {
                source: names.get(move.source) ?? move.source,
                target: names.get(move.target) ?? move.target,
                members: members(move.members),
              })}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}
