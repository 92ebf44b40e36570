/** Every offer with its weight and share; thousands of rows stay smooth, only what is seen is drawn. */

import { Badge, Group, Select, Text, TextInput, Title } from "@mantine/core";
import { Search } from "lucide-react";
import { memo, startTransition, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useGo, useUrlState } from "@/app/links";
import { useBasket } from "@/basket/useBasket";
import { t } from "@/i18n";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Findings } from "../form/Findings";
import { AddItem, nameOf } from "../form/Items";
import { isIn } from "../form/Node";
import { itemAt } from "../form/paths";
import { blank } from "../form/schema";
import { useForm } from "../form/section";
import { useKindName } from "./Kinds";
import { WHOLE } from "./shares";
import type { Moving, OfferShare } from "./useShares";
import { ShareBar, Toggle, Weight } from "./Weight";

const PATH = "recommendations.offers";

interface Row {
  key: string;
  name: string;
  kind: string;
  enabled: boolean;
  weight: number;
  variants: number;
  share: OfferShare | undefined;
}

export const Offers = memo(function Offers({
  shares: offers,
  onMove,
}: {
  shares: OfferShare[] | undefined;
  onMove: (moving: Moving | null) => void;
}) {
  const form = useForm();
  const basket = useBasket();
  const go = useGo();
  const kindName = useKindName();
  const [view, setView] = useUrlState({ kind: "", q: "", by: "", down: false as boolean });
  const list = form.schema.properties?.offers ?? {};
  const inner = list.items ?? {};
  const open = form.mayPropose(list["x-area"]);
  const items = form.at(PATH) as Record<string, unknown>[] | undefined;
  const rows = useMemo(() => {
    const shares = new Map((offers ?? []).map((one) => [one.key, one]));
    return (items ?? []).map<Row>((one) => ({
      key: String(one.key),
      name: nameOf(one, form) || String(one.key),
      kind: String(one.kind),
      enabled: one.enabled !== false,
      weight: Number(one.weight ?? 0),
      variants: Array.isArray(one.variants) ? one.variants.length : 0,
      share: shares.get(String(one.key)),
    }));
  }, [items, offers, form]);
  const largest = useMemo(() => Math.max(1, ...(offers ?? []).map((one) => one.share)), [offers]);
  const { kind: wanted, by, down } = view;
  // What is typed shows at once; the list and the address follow.
  const [typed, setTyped] = useState(view.q);
  const q = useDeferredValue(typed);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (typed !== view.q) startTransition(() => setView({ q: typed }));
    }, 400);
    return () => clearTimeout(timer);
  }, [typed, view.q, setView]);
  const shown = useMemo(() => {
    const words = q.trim().toLowerCase();
    const found = rows.filter(
      (row) =>
        (!wanted || row.kind === wanted) &&
        (!words || row.name.toLowerCase().includes(words) || row.key.includes(words)),
    );
    if (!by) return found;
    const order = [...found].sort((a, b) => compare(a, b, by));
    return down ? order.reverse() : order;
  }, [rows, wanted, q, by, down]);
  const changed = useMemo(
    () => new Set(basket.edits.flatMap((e) => (isIn(e.path, PATH) ? [keyIn(e.path)] : []))),
    [basket.edits],
  );
  const columns: Column<Row>[] = [
    {
      key: "name",
      title: t("Offer"),
      width: "minmax(160px, 2fr)",
      phone: "title",
      sortable: true,
      value: (row) => row.name,
      render: (row) => (
        <>
          {row.name}{" "}
          {changed.has(row.key) ? (
            <Badge size="xs" variant="light">
              {t("Changed")}
            </Badge>
          ) : null}
        </>
      ),
    },
    {
      key: "kind",
      title: t("Kind"),
      width: "minmax(120px, 1fr)",
      value: (row) => row.kind,
      render: (row) => kindName(row.kind),
    },
    {
      key: "enabled",
      title: t("Enabled"),
      width: "84px",
      value: (row) => (row.enabled ? 1 : 0),
      render: (row) => {
        return (
          <Toggle
            path={`${itemAt(PATH, row.key)}.enabled`}
            name={t("{name} is enabled", { name: row.name })}
            disabled={!open}
          />
        );
      },
    },
    {
      key: "weight",
      title: t("Weight"),
      width: "minmax(170px, 2fr)",
      sortable: true,
      value: (row) => row.weight,
      render: (row) => {
        const path = `${itemAt(PATH, row.key)}.weight`;
        return (
          <Weight path={path} name={row.name} disabled={!open || !row.enabled} onDrag={onMove} />
        );
      },
    },
    {
      key: "share",
      title: t("Share of its kind"),
      width: "minmax(130px, 1.4fr)",
      sortable: true,
      value: (row) => (row.share ? (row.share.share * 100) / WHOLE : null),
      render: (row) => <ShareBar of={row.share} full={largest} />,
    },
    {
      key: "variants",
      title: t("Variants"),
      width: "84px",
      align: "end",
      optional: true,
      value: (row) => row.variants,
      render: (row) => row.variants,
    },
  ];
  const kinds = Object.keys(form.schema.properties?.kinds?.properties ?? {});
  return (
    <section aria-labelledby="offers-title">
      <Group justify="space-between" align="flex-end" mb="sm">
        <div>
          <Title order={2} id="offers-title">
            {t("Offers")}
          </Title>
          <Text size="sm" c="var(--muted)">
            {t("Open one for its lifespan, variants, caps and words.")}
          </Text>
        </div>
        {open ? (
          <AddItem
            shape={list}
            inner={inner}
            keys={rows.map((row) => row.key)}
            onAdd={(key) => {
              basket.addEdit(itemAt(PATH, key), {
                ...(blank(inner) as object),
                key,
                ...(wanted ? { kind: wanted } : {}),
              });
              void go(`/recommendations/${encodeURIComponent(key)}${location.search}`);
            }}
          />
        ) : null}
      </Group>
      <Findings path={PATH} />
      <DataTable
        id="offers"
        label={t("Offers")}
        columns={columns}
        rows={shown}
        rowKey={(row) => row.key}
        to={(row) => `/recommendations/${encodeURIComponent(row.key)}`}
        height="min(620px, 70dvh)"
        csv="offers"
        {...(by ? { sort: { by, down } } : {})}
        onSort={(column, falling) => setView({ by: column, down: falling })}
        tools={
          <>
            <TextInput
              size="xs"
              value={typed}
              onChange={(e) => setTyped(e.currentTarget.value)}
              placeholder={t("Find an offer")}
              aria-label={t("Find an offer")}
              leftSection={<Search size={14} aria-hidden />}
            />
            <Select
              size="xs"
              w={180}
              aria-label={t("Kind")}
              placeholder={t("All kinds")}
              data={kinds.map((kind) => ({ value: kind, label: kindName(kind) }))}
              value={wanted || null}
              onChange={(kind) => setView({ kind: kind ?? "" })}
              clearable
            />
          </>
        }
        empty={
          <EmptyState title={rows.length ? t("No offer fits") : t("No offers yet")}>
            {rows.length
              ? t("Other words or another kind may find it.")
              : t("An offer is what can be recommended: a card, a seat, a club, a product.")}
          </EmptyState>
        }
      />
    </section>
  );
});

function keyIn(path: string): string {
  return /^recommendations\.offers\["?([^"\]]+)/.exec(path)?.[1] ?? "";
}

function compare(a: Row, b: Row, by: string): number {
  if (by === "weight") return a.weight - b.weight;
  if (by === "share") return (a.share?.share ?? 0) - (b.share?.share ?? 0);
  return a.name.localeCompare(b.name);
}
