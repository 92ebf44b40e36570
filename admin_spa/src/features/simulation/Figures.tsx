import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { t } from "@/i18n";
import { formatMoney, formatNumber } from "@/i18n/formats";
import type { BackTestReport } from "./api";
import { Scroll } from "./Scroll";
import classes from "./simulation.module.css";
import { changePercent, refusalWords } from "./words";

interface Line {
  label: string;
  before: number;
  after: number;
  shown: (n: number, side: "before" | "after") => string;
}

/** The sums of both sides beside each other. */
export function Figures({ report, short }: { report: BackTestReport; short?: boolean }) {
  const { before, after } = report;
  const plain = (n: number) => formatNumber(n);
  const money = (n: number, side: "before" | "after") =>
    formatMoney({ minor: n, currency: report[side].currency });
  const lines: Line[] = [
    { label: t("Points issued"), before: before.issued, after: after.issued, shown: plain },
    { label: t("Points redeemed"), before: before.redeemed, after: after.redeemed, shown: plain },
    {
      label: t("Points outstanding"),
      before: before.outstanding,
      after: after.outstanding,
      shown: plain,
    },
    {
      label: t("What they buy"),
      before: before.liabilityMinor,
      after: after.liabilityMinor,
      shown: money,
    },
  ];
  if (!short) {
    lines.splice(
      1,
      0,
      {
        label: t("Points taken back by returns"),
        before: before.takenBack,
        after: after.takenBack,
        shown: plain,
      },
      {
        label: t("Redemptions"),
        before: before.redemptions,
        after: after.redemptions,
        shown: plain,
      },
    );
    for (const code of new Set([...Object.keys(before.refused), ...Object.keys(after.refused)])) {
      lines.push({
        label: refusalWords(code),
        before: before.refused[code] ?? 0,
        after: after.refused[code] ?? 0,
        shown: plain,
      });
    }
  }
  return (
    <Scroll>
      <Table className="figures" withRowBorders>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t("Figure")}</Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("In force")}
            </Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("With the change")}
            </Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("Difference")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.label}>
              <Table.Th scope="row" fw={450}>
                {line.label}
              </Table.Th>
              <Table.Td className={classes.end}>{line.shown(line.before, "before")}</Table.Td>
              <Table.Td className={classes.end}>{line.shown(line.after, "after")}</Table.Td>
              <Table.Td className={classes.end}>
                <Difference line={line} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

function Difference({ line }: { line: Line }): ReactNode {
  const words = changePercent(line.before, line.after);
  const same = line.before === line.after;
  return (
    <Text
      size="sm"
      component="span"
      c={same ? "var(--muted)" : "var(--text)"}
      fw={same ? 400 : 600}
    >
      {words || "–"}
    </Text>
  );
}
