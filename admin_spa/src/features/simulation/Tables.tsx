import { Table, Text } from "@mantine/core";
import { Go } from "@/app/links";
import { useMe } from "@/app/me";
import { language, t } from "@/i18n";
import { formatMoney, formatNumber } from "@/i18n/formats";
import type { BackTestReport } from "./api";
import { Scroll } from "./Scroll";
import classes from "./simulation.module.css";
import { changePercent } from "./words";

/** Prices of what is redeemed most, with a bar for each side. */
export function Prices({ report }: { report: BackTestReport }) {
  const most = Math.max(
    1,
    ...report.products.flatMap((p) => [p.pointsBefore ?? 0, p.pointsAfter ?? 0]),
  );
  return (
    <Scroll>
      <Table className="figures">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t("Product")}</Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("Redeemed")}
            </Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("In force")}
            </Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("With the change")}
            </Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("Difference")}
            </Table.Th>
            <Table.Td aria-hidden />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {report.products.map((p) => (
            <Table.Tr key={p.sku}>
              <Table.Th scope="row" fw={450}>
                {p.names[language()] || Object.values(p.names)[0] || p.sku}
                <Text size="xs" c="var(--muted)" component="div">
                  {p.sku}
                </Text>
              </Table.Th>
              <Table.Td className={classes.end}>{formatNumber(p.redeemed)}</Table.Td>
              <Table.Td className={classes.end}>{price(p.pointsBefore)}</Table.Td>
              <Table.Td className={classes.end}>{price(p.pointsAfter)}</Table.Td>
              <Table.Td className={classes.end}>
                {p.pointsBefore !== null && p.pointsAfter !== null
                  ? changePercent(p.pointsBefore, p.pointsAfter)
                  : "–"}
              </Table.Td>
              <Table.Td aria-hidden>
                <div className={classes.bars}>
                  <Bar of={p.pointsBefore} most={most} className={classes.barBefore ?? ""} />
                  <Bar of={p.pointsAfter} most={most} className={classes.barAfter ?? ""} />
                </div>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}

function price(points: number | null): string {
  return points === null ? t("no price") : formatNumber(points);
}

function Bar({ of, most, className }: { of: number | null; most: number; className: string }) {
  return (
    <div
      className={`${classes.bar} ${className}`}
      style={{ width: `${of === null ? 0 : Math.max(1, (of / most) * 100)}%` }}
    />
  );
}

/** The ten members who gain or lose most. */
export function Named({ report, of }: { report: BackTestReport; of: "winners" | "losers" }) {
  const me = useMe();
  const members = report.members[of];
  if (!members.length) {
    return (
      <Text size="sm" c="var(--muted)">
        {of === "winners" ? t("Nobody gains.") : t("Nobody loses.")}
      </Text>
    );
  }
  const value = (minor: number, side: "before" | "after") =>
    formatMoney({ minor, currency: report[side].currency });
  return (
    <Scroll>
      <Table className="figures">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t("Member")}</Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("Balance")}
            </Table.Th>
            <Table.Th scope="col" className={classes.end}>
              {t("What it buys")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {members.map((m) => (
            <Table.Tr key={m.number}>
              <Table.Th scope="row" fw={450}>
                {me.may("members:read") ? (
                  <Go to="/members" search={{ q: m.number }}>
                    {m.number}
                  </Go>
                ) : (
                  m.number
                )}
              </Table.Th>
              <Table.Td className={classes.end}>
                {formatNumber(m.pointsBefore)} → {formatNumber(m.pointsAfter)}
              </Table.Td>
              <Table.Td className={classes.end}>
                {value(m.valueBefore, "before")} → {value(m.valueAfter, "after")}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroll>
  );
}
