/** Real products and plain purchases, before and after. */

import { Group, Select, Table, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { Fragment, useState } from "react";
import { useBrand, useMe } from "@/app/me";
import { t, tx } from "@/i18n";
import { formatMoney, formatNumber, formatPercent, formatPoints } from "@/i18n/formats";
import { Scroller } from "@/ui/Scroller";
import { Effect } from "../Effect";
import { type PointsEffect, type PriceEffect, type ProductEffect, useEffectOf } from "../effects";
import { nameOf } from "../form/Items";
import { sectionOptions } from "../form/section";
import classes from "./points.module.css";

export function PointsDrawing() {
  const [tier, setTier] = useState<string | null>(null);
  const tiers = useTiers();
  const query = useEffectOf<PointsEffect>("points", { tier: tier ?? undefined });
  return (
    <>
      <Effect
        title={t("Prices of real products")}
        lead={t("From every shelf, cheapest to dearest. Open one to see it in points and money.")}
        query={query}
        flush
        height={600}
        actions={
          tiers.length ? (
            <Select
              size="xs"
              w={150}
              aria-label={t("Prices as members of this tier see them")}
              placeholder={t("Any tier")}
              data={tiers}
              value={tier}
              onChange={setTier}
              clearable
            />
          ) : null
        }
      >
        {(effect) => <Products products={effect.products} />}
      </Effect>
      <Effect title={t("What purchases earn")} query={query}>
        {(effect) => <Earning effect={effect} tiers={tiers} />}
      </Effect>
    </>
  );
}

function useTiers(): { value: string; label: string }[] {
  const brand = useBrand();
  const { brand: told } = useMe();
  const { data } = useQuery(sectionOptions(brand, "tiers"));
  return ((data?.content.tiers ?? []) as Record<string, unknown>[]).map((one) => ({
    value: String(one.key),
    label: nameOf(one, told) || String(one.key),
  }));
}

function Products({ products }: { products: ProductEffect[] }) {
  const [open, setOpen] = useState<string | null>(null);
  if (!products.length) {
    return (
      <Text size="sm" c="var(--muted)" px={20} pb={20} pt={12}>
        {t("The catalogue has no published product yet; prices are shown when it has.")}
      </Text>
    );
  }
  return (
    <Scroller label={t("Prices of real products")} minWidth={440}>
      <Table className={classes.table} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("Product")}</Table.Th>
            <Table.Th className={classes.number}>{t("Now")}</Table.Th>
            <Table.Th className={classes.number}>{t("With the draft")}</Table.Th>
            <Table.Th className={classes.number}>{t("Change")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {products.map((one) => (
            <Fragment key={one.id}>
              <Table.Tr data-product={one.slug}>
                <Table.Td className={classes.name}>
                  <UnstyledButton
                    className={classes.open}
                    aria-expanded={open === one.id}
                    onClick={() => setOpen(open === one.id ? null : one.id)}
                  >
                    {open === one.id ? (
                      <ChevronDown size={14} aria-hidden />
                    ) : (
                      <ChevronRight size={14} aria-hidden />
                    )}
                    <span>{one.name}</span>
                  </UnstyledButton>
                </Table.Td>
                <Table.Td className={classes.number}>{priceWords(one.before)}</Table.Td>
                <Table.Td className={classes.number} data-changed={changed(one) || undefined}>
                  {priceWords(one.after)}
                </Table.Td>
                <Table.Td className={classes.number}>
                  <Difference one={one} />
                </Table.Td>
              </Table.Tr>
              {open === one.id ? (
                <Table.Tr className={classes.detail}>
                  <Table.Td colSpan={4}>
                    <Stops one={one} />
                  </Table.Td>
                </Table.Tr>
              ) : null}
            </Fragment>
          ))}
        </Table.Tbody>
      </Table>
    </Scroller>
  );
}

function changed(one: ProductEffect): boolean {
  return one.before.points !== one.after.points;
}

function priceWords(price: PriceEffect): string {
  if (price.missingRate) return t("no rate for {currency}", { currency: price.missingRate });
  return price.points === null ? "–" : formatNumber(price.points);
}

function Difference({ one }: { one: ProductEffect }) {
  const { before, after } = one;
  if (before.points === null || after.points === null) return "–";
  if (before.points === after.points) return <span className={classes.same}>0</span>;
  const more = after.points > before.points;
  return (
    <span className={more ? classes.more : classes.less}>
      {more ? "+" : "−"}
      {formatNumber(Math.abs(after.points - before.points))}{" "}
      <small data-wide>
        ({more ? "+" : "−"}
        {formatPercent(Math.abs(after.points / before.points - 1))})
      </small>
    </span>
  );
}

function Stops({ one }: { one: ProductEffect }) {
  return (
    <Group gap="xl" align="flex-start">
      {[
        { title: t("Now"), price: one.before },
        { title: t("With the draft"), price: one.after },
      ].map(({ title, price }) => (
        <div key={title}>
          <Text size="xs" c="var(--muted)" fw={600}>
            {title}
          </Text>
          {price.value ? (
            <Text size="xs" c="var(--muted)">
              {t("worth {value}, cost {cost}", {
                value: formatMoney(price.value),
                cost: formatMoney(one.cost),
              })}
            </Text>
          ) : null}
          <ul className={classes.stops}>
            {price.stops.map((stop) => (
              <li key={stop.points}>
                {stop.money.minor === 0
                  ? formatPoints(stop.points)
                  : `${formatPoints(stop.points)} + ${formatMoney(stop.money)}`}
                {stop.fee.minor ? (
                  <small> {t("+ {fee} fee", { fee: formatMoney(stop.fee) })}</small>
                ) : null}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </Group>
  );
}

function Earning({
  effect,
  tiers,
}: {
  effect: PointsEffect;
  tiers: { value: string; label: string }[];
}) {
  const amounts = [...new Set(effect.earning.map((e) => e.amount.minor))];
  const keys = [...new Set(effect.earning.map((e) => e.tier))];
  const at = (tier: string | null, minor: number) =>
    effect.earning.find((e) => e.tier === tier && e.amount.minor === minor);
  const { spent, before, after } = effect.givesBack;
  return (
    <>
      <Text size="sm" mb="sm">
        {tx("Of {spent} spent, members get back what is worth {worth} ({share}).", {
          spent: formatMoney(spent),
          worth: (
            <b className="figures">
              {before.minor === after.minor
                ? formatMoney(after)
                : `${formatMoney(before)} → ${formatMoney(after)}`}
            </b>
          ),
          share: formatPercent(after.minor / spent.minor, 2),
        })}
      </Text>
      <Scroller label={t("What purchases earn")} minWidth={440}>
        <Table className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("A purchase of")}</Table.Th>
              {amounts.map((minor) => (
                <Table.Th key={minor} className={classes.number}>
                  {formatMoney({ minor, currency: spent.currency })}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {keys.map((tier) => (
              <Table.Tr key={tier ?? ""}>
                <Table.Td>
                  {tier === null
                    ? t("earns")
                    : (tiers.find((one) => one.value === tier)?.label ?? tier)}
                </Table.Td>
                {amounts.map((minor) => {
                  const cell = at(tier, minor);
                  return (
                    <Table.Td key={minor} className={classes.number}>
                      {cell === undefined ? null : cell.before === cell.after ? (
                        formatNumber(cell.after)
                      ) : (
                        <span className={classes.moved}>
                          <s className={classes.same}>{formatNumber(cell.before)}</s>{" "}
                          {formatNumber(cell.after)}
                        </span>
                      )}
                    </Table.Td>
                  );
                })}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Scroller>
    </>
  );
}
