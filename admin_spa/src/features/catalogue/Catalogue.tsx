import { Button, Group, Select } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { Download, FileUp, Package, Plus } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { CataloguePage } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useGo, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { language, t } from "@/i18n";
import { formatDate } from "@/i18n/formats";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { Figure, Money, Points, State } from "@/ui/Values";
import { Views } from "@/ui/Views";
import { type CatalogueRow, listKey, pictureUrl, useOptions } from "./api";
import { BulkBar } from "./BulkBar";
import classes from "./Catalogue.module.css";
import { shelfName, statusTone, statusWords } from "./words";

const PAGE = 250;
/** Once somebody scrolls on, everything up to here is fetched ahead. */
const AHEAD = 10_000;

const VIEW = {
  q: "",
  status: "",
  category: "",
  supplier: "",
  stock: "",
  sort: "changed",
};

/** Sorts that the server knows, by column and direction. */
const SORTS: Record<string, { by: string; down: boolean }> = {
  changed: { by: "changed", down: true },
  name: { by: "name", down: false },
  points_up: { by: "points", down: false },
  points_down: { by: "points", down: true },
  stock_up: { by: "stock", down: false },
  featured: { by: "featured", down: true },
};

/** The catalogue as its manager works with it. */
export function Catalogue() {
  return (
    <Guarded permission="catalogue:read" title={t("Catalogue")}>
      <List />
    </Guarded>
  );
}

function List() {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const options = useOptions();
  const { product: current } = useParams({ strict: false }) as { product?: string };
  const [view, setView] = useUrlState(VIEW);
  const [selected, select] = useState<Set<string>>(new Set());
  const filters = useMemo(
    () => ({
      q: view.q,
      status: view.status,
      category: view.category,
      supplier: view.supplier,
      stock: view.stock,
    }),
    [view.q, view.status, view.category, view.supplier, view.stock],
  );
  const found = useInfiniteQuery({
    queryKey: [...listKey(brand), filters, view.sort, language()],
    queryFn: ({ pageParam, signal }) =>
      call<CataloguePage>("GET", `/${brand}/catalogue/products`, {
        query: {
          ...Object.fromEntries(Object.entries(filters).map(([k, v]) => [k, v || null])),
          sort: view.q && view.sort === "changed" ? "relevance" : view.sort,
          language: language(),
          cursor: pageParam,
          limit: PAGE,
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  });
  const rows = useMemo(() => found.data?.pages.flatMap((p) => p.items) ?? [], [found.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const pages = found.data?.pages.length ?? 0;
  useEffect(() => {
    if (pages > 1 && hasNextPage && !isFetchingNextPage && pages * PAGE < AHEAD) {
      void fetchNextPage();
    }
  }, [pages, hasNextPage, isFetchingNextPage, fetchNextPage]);
  const total = found.data?.pages[0]?.total ?? undefined;
  // What was chosen under other filters is not what one sees.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filters decide
  useEffect(() => select(new Set()), [filters]);
  const columns = useColumns(options.data?.categories ?? []);
  const filtered = Object.values(filters).some(Boolean);
  const search = useCallback((q: string) => setView({ q }), [setView]);
  const writes = me.may("catalogue:write");
  const address = new URLSearchParams(
    Object.entries(filters).filter(([, value]) => value) as [string, string][],
  );
  return (
    <Page
      title={t("Catalogue")}
      lead={t("Everything that members can get, with what it costs you and what it brings.")}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
      actions={
        <>
          <Button
            component="a"
            href={`/api/admin/v1/${brand}/catalogue/export?${address}`}
            variant="default"
            leftSection={<Download size={16} aria-hidden />}
          >
            {t("Export")}
          </Button>
          {writes ? (
            <>
              <Button
                variant="default"
                leftSection={<FileUp size={16} aria-hidden />}
                onClick={() => void go("/catalogue/imports")}
              >
                {t("Import a file")}
              </Button>
              <Button
                leftSection={<Plus size={16} aria-hidden />}
                onClick={() => void go(`/catalogue/new${location.search}`)}
              >
                {t("New product")}
              </Button>
            </>
          ) : null}
        </>
      }
    >
      <DataTable
        id="catalogue"
        label={t("Products")}
        columns={columns}
        rows={rows}
        view={`${JSON.stringify(filters)}${view.sort}`}
        rowKey={(row) => row.id}
        to={(row) => `/catalogue/${row.id}`}
        current={current}
        {...(writes ? { selected, onSelect: select } : {})}
        sort={SORTS[view.sort] ?? { by: "", down: false }}
        onSort={(by, down) => setView({ sort: sortOf(by, down) })}
        loading={found.isPending}
        stale={found.isPlaceholderData}
        total={total}
        csv={`catalogue-${brand}.csv`}
        more={{
          has: hasNextPage,
          loading: isFetchingNextPage,
          load: () => void fetchNextPage(),
        }}
        tools={
          <>
            <Search label={t("Search name or SKU")} value={view.q} onChange={search} width={220} />
            <Filter
              label={t("State")}
              value={view.status}
              onChange={(status) => setView({ status })}
              data={(["draft", "published", "withdrawn"] as const).map((value) => ({
                value,
                label: statusWords(value),
              }))}
            />
            <Filter
              label={t("Category")}
              value={view.category}
              onChange={(category) => setView({ category })}
              data={(options.data?.categories ?? []).map((c) => ({
                value: c.key,
                label: shelfName(c),
              }))}
            />
            <Filter
              label={t("Supplier")}
              value={view.supplier}
              onChange={(supplier) => setView({ supplier })}
              data={options.data?.suppliers ?? []}
            />
            <Filter
              label={t("Stock")}
              value={view.stock}
              onChange={(stock) => setView({ stock })}
              data={[
                { value: "out", label: t("Sold out") },
                { value: "low", label: t("Five or fewer") },
                { value: "in", label: t("In stock") },
                { value: "unlimited", label: t("No limit") },
              ]}
            />
            <Views
              id="catalogue"
              to="/catalogue"
              ready={[
                { title: t("Everything"), search: {} },
                {
                  title: t("Sold out and published"),
                  search: { stock: "out", status: "published" },
                },
                { title: t("Drafts"), search: { status: "draft" } },
                { title: t("Cheapest first"), search: { sort: "points_up" } },
              ]}
            />
          </>
        }
        empty={
          filtered ? (
            <EmptyState
              title={t("No product matches")}
              icon={Package}
              action={
                <Button variant="default" onClick={() => void go("/catalogue")}>
                  {t("Show everything")}
                </Button>
              }
            >
              {t("Check the spelling, or take a filter away.")}
            </EmptyState>
          ) : (
            <EmptyState
              title={t("Nothing to redeem yet")}
              icon={Package}
              action={
                writes ? (
                  <Group gap="xs">
                    <Button onClick={() => void go("/catalogue/new")}>{t("New product")}</Button>
                    <Button variant="default" onClick={() => void go("/catalogue/imports")}>
                      {t("Import a file")}
                    </Button>
                  </Group>
                ) : undefined
              }
            >
              {options.data && !options.data.categories.length
                ? t("First add a category under Catalogue rules; then make a product.")
                : t("Make a first product, or bring many in from a file.")}
            </EmptyState>
          )
        }
      />
      {selected.size ? (
        <BulkBar
          selected={selected}
          clear={() => select(new Set())}
          filters={filters}
          total={total ?? rows.length}
          categories={options.data?.categories ?? []}
        />
      ) : null}
      <Outlet />
    </Page>
  );
}

function sortOf(by: string, down: boolean): string {
  if (by === "points") return down ? "points_down" : "points_up";
  return { changed: "changed", name: "name", stock: "stock_up", featured: "featured" }[by] ?? by;
}

function Filter({
  label,
  value,
  onChange,
  data,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  data: (string | { value: string; label: string })[];
}) {
  return (
    <Select
      size="sm"
      w={130}
      aria-label={label}
      placeholder={label}
      clearable
      value={value || null}
      onChange={(next) => onChange(next ?? "")}
      data={data}
      comboboxProps={{ withinPortal: true }}
    />
  );
}

function useColumns(
  shelves: { key: string; name: Record<string, string | undefined> }[],
): Column<CatalogueRow>[] {
  const brand = useBrand();
  return useMemo(() => {
    const names = new Map(shelves.map((s) => [s.key, shelfName(s)]));
    const shelf = (key: string) => names.get(key) ?? key;
    return [
      {
        key: "name",
        title: t("Product"),
        width: "minmax(220px, 2.4fr)",
        phone: "title",
        sortable: true,
        value: (p) => p.name,
        render: (p) => (
          <span className={classes.product}>
            {p.picture ? (
              <img
                src={pictureUrl(brand, p.picture)}
                alt=""
                width={32}
                height={32}
                loading="lazy"
                className={classes.thumb}
              />
            ) : (
              <span className={classes.blank} aria-hidden />
            )}
            <span className={classes.name}>
              <Go
                to={`/catalogue/${p.id}${location.search}`}
                size="sm"
                c="var(--text)"
                fw={550}
                lineClamp={1}
              >
                {p.name}
              </Go>
            </span>
          </span>
        ),
      },
      {
        key: "status",
        title: t("State"),
        width: "112px",
        value: (p) => p.status,
        render: (p) => <State tone={statusTone(p.status)}>{statusWords(p.status)}</State>,
      },
      {
        key: "category",
        title: t("Category"),
        width: "minmax(90px, 1fr)",
        phone: "hide",
        value: (p) => shelf(p.category),
        render: (p) => shelf(p.category),
      },
      {
        key: "points",
        title: t("Price in points"),
        width: "128px",
        align: "end",
        sortable: true,
        value: (p) => p.points,
        render: (p) => (p.points === null ? "–" : <Points n={p.points} bare />),
      },
      {
        key: "value",
        title: t("Price in money"),
        width: "144px",
        align: "end",
        phone: "hide",
        value: (p) => (p.value ? p.value.minor : null),
        render: (p) => <Money of={p.value} />,
      },
      {
        key: "margin",
        title: t("Margin"),
        width: "104px",
        align: "end",
        phone: "hide",
        value: (p) => p.marginMinor,
        render: (p) =>
          p.marginMinor === null || !p.value ? (
            "–"
          ) : (
            <span className={p.marginMinor < 0 ? classes.bad : undefined}>
              <Money of={{ minor: p.marginMinor, currency: p.value.currency }} />
            </span>
          ),
      },
      {
        key: "cost",
        title: t("Cost"),
        width: "110px",
        align: "end",
        optional: true,
        phone: "hide",
        value: (p) => p.cost.minor,
        render: (p) => <Money of={p.cost} />,
      },
      {
        key: "stock",
        title: t("Stock"),
        width: "104px",
        align: "end",
        sortable: true,
        value: (p) => p.stock,
        render: (p) =>
          p.stock === null ? (
            <span title={t("No limit")}>∞</span>
          ) : (
            <span className={p.stock === 0 ? classes.bad : undefined}>
              <Figure n={p.stock} />
            </span>
          ),
      },
      {
        key: "supplier",
        title: t("Supplier"),
        width: "minmax(90px, 1fr)",
        optional: true,
        phone: "hide",
        value: (p) => p.supplier,
        render: (p) => p.supplier,
      },
      {
        key: "languages",
        title: t("Languages"),
        width: "110px",
        optional: true,
        phone: "hide",
        value: (p) => p.languages.join(" "),
        render: (p) => p.languages.join(", "),
      },
      {
        key: "slug",
        title: t("Address"),
        width: "minmax(120px, 1fr)",
        optional: true,
        phone: "hide",
        value: (p) => p.slug,
        render: (p) => p.slug,
      },
      {
        key: "changed",
        title: t("Changed"),
        width: "120px",
        sortable: true,
        phone: "hide",
        value: (p) => p.changedAt,
        render: (p) => (
          <time dateTime={p.changedAt} className="figures">
            {formatDate(p.changedAt)}
          </time>
        ),
      },
    ] satisfies Column<CatalogueRow>[];
  }, [brand, shelves]);
}
