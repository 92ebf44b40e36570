import { Select, Switch } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { Building2 } from "lucide-react";
import { useCallback, useMemo } from "react";
import type { ListTenantsResponse, TenantFigures, TenantRow } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useUrlState } from "@/app/links";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { Figure, State, When } from "@/ui/Values";
import { failedWords, healthWords, problemWords, STATUSES, statusWords } from "./words";

/** Every tenant of the deployment. */
export function Tenants() {
  return (
    <Guarded permission="tenants:read" title={t("Tenants")}>
      <List />
    </Guarded>
  );
}

function List() {
  const { tenant: current } = useParams({ strict: false }) as { tenant?: string };
  const [view, setView] = useUrlState({
    q: "",
    status: "",
    ill: false as boolean,
    sort: "name",
    down: false as boolean,
  });
  const found = useInfiniteQuery({
    queryKey: ["platform", "tenants", view],
    queryFn: ({ pageParam, signal }) =>
      callPlatform<ListTenantsResponse>("GET", "/tenants", {
        query: {
          q: view.q.trim() || null,
          status: view.status || null,
          health: view.ill ? ["warning", "unwell"] : null,
          sort: view.sort,
          down: view.down || null,
          cursor: pageParam,
          limit: 100,
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  const rows = useMemo(() => found.data?.pages.flatMap((p) => p.items) ?? [], [found.data]);
  const search = useCallback((q: string) => setView({ q }), [setView]);
  const columns = useColumns();
  return (
    <Page
      title={t("Tenants")}
      lead={t("Every brand on this deployment: where it stands, how it does, what is at risk.")}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
    >
      <DataTable
        id="tenants"
        label={t("Tenants")}
        columns={columns}
        rows={rows}
        view={JSON.stringify(view)}
        rowKey={(row) => row.id}
        to={(row) => `/tenants/${row.slug}`}
        current={rows.find((row) => row.slug === current)?.id}
        loading={found.isPending}
        sort={{ by: view.sort, down: view.down }}
        onSort={(sort, down) => setView({ sort, down })}
        csv="tenants.csv"
        more={{
          has: found.hasNextPage,
          loading: found.isFetchingNextPage,
          load: () => void found.fetchNextPage(),
        }}
        tools={
          <>
            <Search label={t("Name of the brand")} value={view.q} onChange={search} width={210} />
            <Select
              size="sm"
              w={170}
              aria-label={t("State")}
              placeholder={t("State")}
              clearable
              value={view.status || null}
              onChange={(status) => setView({ status: status ?? "" })}
              data={STATUSES.map((value) => ({ value, label: statusWords(value).text }))}
            />
            <Switch
              label={t("Unwell only")}
              checked={view.ill}
              onChange={(e) => setView({ ill: e.currentTarget.checked })}
            />
          </>
        }
        empty={
          <EmptyState title={t("No tenant is like that")} icon={Building2}>
            {t("Try another beginning of the name, or take a filter away.")}
          </EmptyState>
        }
      />
      <Outlet />
    </Page>
  );
}

/** What a job of the tenant has not told yet; a zero would be a figure. */
function Uncounted() {
  return <span title={t("Not counted yet")}>–</span>;
}

function useColumns(): Column<TenantRow>[] {
  return useMemo(() => {
    const figure = (
      key: string,
      title: string,
      of: (figures: TenantFigures) => number,
      words?: (figures: TenantFigures) => string,
    ): Column<TenantRow> => ({
      key,
      title,
      width: "104px",
      align: "end",
      sortable: true,
      render: (row) =>
        row.figures ? (
          <span title={words?.(row.figures)}>
            <Figure n={of(row.figures)} />
          </span>
        ) : (
          <Uncounted />
        ),
      value: (row) => (row.figures ? of(row.figures) : ""),
    });
    return [
      {
        key: "name",
        title: t("Name"),
        width: "minmax(160px, 2fr)",
        phone: "title",
        sortable: true,
        render: (row) => row.name,
        value: (row) => row.name,
      },
      {
        key: "status",
        title: t("State"),
        width: "132px",
        sortable: true,
        render: (row) => (
          <State tone={statusWords(row.status).tone}>{statusWords(row.status).text}</State>
        ),
        value: (row) => statusWords(row.status).text,
      },
      {
        key: "health",
        title: t("Health"),
        width: "146px",
        sortable: true,
        render: (row) =>
          row.figures ? (
            <span title={row.figures.problems.map(problemWords).join(" · ")}>
              <State tone={healthWords(row.figures.health).tone}>
                {healthWords(row.figures.health).text}
              </State>
            </span>
          ) : (
            <State>{t("Not counted yet")}</State>
          ),
        value: (row) => (row.figures ? healthWords(row.figures.health).text : t("Not counted yet")),
      },
      {
        key: "plan",
        title: t("Plan"),
        width: "96px",
        sortable: true,
        render: (row) => row.plan ?? <Uncounted />,
        value: (row) => row.plan ?? "",
      },
      {
        key: "usage",
        title: t("Usage"),
        width: "84px",
        align: "end",
        sortable: true,
        render: (row) =>
          row.usagePercent === null ? (
            <Uncounted />
          ) : (
            formatNumber(row.usagePercent / 100, { style: "percent" })
          ),
        value: (row) => row.usagePercent ?? "",
      },
      figure("members", t("Members"), (its) => its.members),
      figure("held", t("Points held"), (its) => its.pointsHeld),
      figure("orders", t("Open orders"), (its) => its.openOrders),
      figure("parked", t("Parked jobs"), (its) => its.parked),
      figure("failed", t("Errors, 1 hour"), (its) => its.failed, failedWords),
      {
        key: "created",
        title: t("Since"),
        width: "120px",
        sortable: true,
        phone: "hide",
        render: (row) => <When at={row.createdAt} dateOnly />,
        value: (row) => row.createdAt,
      },
    ];
  }, []);
}
