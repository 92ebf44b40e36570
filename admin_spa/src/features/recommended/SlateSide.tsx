import { Code, Text } from "@mantine/core";
import type { TriedItem, TriedSlate } from "@/api/types.gen";
import { Go } from "@/app/links";
import { t, tn, tx } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { EmptyState } from "@/ui/EmptyState";
import { Card } from "@/ui/Page";
import { State, type Tone } from "@/ui/Values";
import { type Change, keyOf, type Placed } from "./compare";
import { partWords, whyWords } from "./missing";
import classes from "./Slate.module.css";
import { kindWords } from "./words";

const TONES: Record<Exclude<Change, "same">, Tone> = {
  new: "positive",
  gone: "danger",
  up: "info",
  down: "warning",
};

/** One slate: each place, how it came there, and below what has none. */
export function SlateSide({
  title,
  lead,
  slate,
  items,
}: {
  title: string;
  lead: string;
  slate: TriedSlate;
  items: Placed[];
}) {
  return (
    <Card title={title} lead={lead}>
      {items.length ? (
        <ol className={classes.list} aria-label={title}>
          {items.map((one, n) => (
            <li
              key={keyOf(one.item)}
              className={classes.item}
              data-change={one.change}
              data-key={one.item.key}
            >
              <span className={classes.place}>{n + 1}</span>
              <span className={classes.title}>
                {one.item.offer ? (
                  <Go to={`/recommendations/${encodeURIComponent(one.item.offer)}`}>
                    {one.item.title}
                  </Go>
                ) : (
                  one.item.title
                )}
                {one.item.variant ? ` · ${one.item.variant}` : ""}
              </span>
              <span>
                {one.change === "same" ? null : (
                  <State tone={TONES[one.change]}>{changeWords(one)}</State>
                )}
              </span>
              <How item={one.item} />
            </li>
          ))}
        </ol>
      ) : (
        <EmptyState title={t("Nothing stands here")}>
          {slate.enabled
            ? t("Every offer is missing for a reason; see below.")
            : t("Recommendations or this placement are switched off.")}
        </EmptyState>
      )}
      {slate.missing.length ? (
        <details>
          <summary>
            {tn("{n} offer has no place", "{n} offers have no place", slate.missing.length)}
          </summary>
          <ul className={classes.list}>
            {slate.missing.map((one) => (
              <li key={`${keyOf(one)} ${one.variant ?? ""}`} className={classes.item}>
                <span />
                <span className={classes.title}>{one.name}</span>
                <Text size="xs" c="var(--muted)">
                  {kindWords(one.kind)}
                </Text>
                <span className={classes.how}>{whyWords(one)}</span>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </Card>
  );
}

function How({ item }: { item: TriedItem }) {
  const parts = item.parts.map((p) => `${partWords(p.name)} ${number(p.value)}`).join(" + ");
  return (
    <>
      <span className={classes.how}>
        {kindWords(item.kind)}
        {item.reason ? ` · ${item.reason}` : ""}
        {item.explored ? ` · ${t("explored")}` : ""}
        {item.arm === "holdout" ? ` · ${t("holdout: sees the baseline")}` : ""}
      </span>
      <span className={classes.how}>
        {t("Score {score} = ({parts}) × factor {factor}", {
          score: number(item.score),
          parts,
          factor: number(item.factor),
        })}
        {item.weight === null ? "" : ` · ${t("weight {n}", { n: item.weight })}`}
      </span>
      {item.rule ? (
        <span className={classes.how}>
          {tx("For whom: {rule}", { rule: <Code>{item.rule}</Code> })}
        </span>
      ) : null}
    </>
  );
}

function changeWords(one: Placed): string {
  switch (one.change) {
    case "new":
      return t("new");
    case "gone":
      return t("gone");
    case "up":
      return t("up");
    default:
      return t("down");
  }
}

const number = (text: string) => formatNumber(Number(text), { maximumFractionDigits: 4 });
