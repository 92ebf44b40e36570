import { Button, Group, Select } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { Download, FileUp, Package, Plus } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { CataloguePage } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useGo, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { language, t } from "@/i18n";
import { call } from "@/lib/http";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { Views } from "@/ui/Views";
import { listKey, useOptions } from "./api";
import { BulkBar } from "./BulkBar";
import { useColumns } from "./columns";
import { shelfName, statusWords } from "./words";

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
