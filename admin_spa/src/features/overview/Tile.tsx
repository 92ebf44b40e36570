import { Text } from "@mantine/core";
import { ArrowDownRight, ArrowRight, ArrowUpRight } from "lucide-react";
import type { Compared } from "@/api/types.gen";
import { Go } from "@/app/links";
import { t } from "@/i18n";
import { formatNumber, formatPercent } from "@/i18n/formats";
import classes from "./Overview.module.css";

/** One number, how it compares with the period before, and a link to its rows. */
export function Tile({
  label,
  value,
  compared,
  note,
  to,
}: {
  label: string;
  value: string;
  compared?: Compared;
  note?: string;
  to?: string | undefined;
}) {
  const content = (
    <>
      <span className={classes.label}>{label}</span>
      <span className={classes.value}>{value}</span>
      <span className={classes.note}>
        {compared ? <Trend compared={compared} /> : null}
        {note ? <span>{note}</span> : null}
      </span>
    </>
  );
  return to ? (
    <Go to={to} underline="never" className={classes.tile}>
      {content}
    </Go>
  ) : (
    <div className={classes.tile}>{content}</div>
  );
}

function Trend({ compared: { now, before } }: { compared: Compared }) {
  if (before === 0) {
    return (
      <span>{now === 0 ? t("as in the 30 days before") : t("none in the 30 days before")}</span>
    );
  }
  const change = (now - before) / before;
  const Arrow = change > 0.0005 ? ArrowUpRight : change < -0.0005 ? ArrowDownRight : ArrowRight;
  return (
    <span className={classes.trend}>
      <Arrow size={15} aria-hidden />
      <Text component="span" inherit fw={600}>
        {change > 0 ? "+" : ""}
        {formatPercent(change, 1)}
      </Text>
      <span>{t("from {n}", { n: formatNumber(before) })}</span>
    </span>
  );
}
