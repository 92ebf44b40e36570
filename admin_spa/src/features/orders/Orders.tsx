import { Button, Group, Select, Switch, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { ShoppingBag, TriangleAlert } from "lucide-react";
import { useCallback, useMemo } from "react";
import type { OrderPage, OrderRow } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useGo, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { Money, Points, State, When } from "@/ui/Values";
import { Views } from "@/ui/Views";
import classes from "./Order.module.css";
import { STATES, stateTone, stateWords, titleOf } from "./words";

const ordersKey = (brand: string) => ["orders", brand];

/** Orders: what needs somebody first. */
export function Orders() {
  return (
    <Guarded permission="orders:read" title={t("Orders")}>
      <List />
    </Guarded>
  );
}

function List() {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const { order: current } = useParams({ strict: false }) as { order?: string };
  const [view, setView] = useUrlState({
    number: "",
    state: "",
    since: "",
    until: "",
    member: "",
    attention: false as boolean,
  });
  const found = useInfiniteQuery({
    queryKey: [...ordersKey(brand), view],
    queryFn: ({ pageParam, signal }) =>
      call<OrderPage>("GET", `/${brand}/orders`, {
        query: {
          number: view.number.trim() || null,
          state: view.state || null,
          since: view.since || null,
          until: view.until || null,
          memberId: view.member || null,
          attention: view.attention || null,
          cursor: pageParam,
          limit: 100,
        },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  const rows = useMemo(() => found.data?.pages.flatMap((p) => p.items) ?? [], [found.data]);
  const search = useCallback((number: string) => setView({ number }), [setView]);
  const filtered = Boolean(
    view.number || view.state || view.since || view.until || view.member || view.attention,
  );
  const columns = useColumns();
  return (
    <Page
      title={t("Orders")}
      lead={t("What members redeemed. What needs somebody stands first.")}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
    >
      <DataTable
        id="orders"
        label={t("Orders")}
        columns={columns}
        rows={rows}
        view={JSON.stringify(view)}
        rowKey={(row) => row.id}
        to={(row) => `/orders/${row.id}`}
        current={current}
        loading={found.isPending}
        csv={`orders-${brand}.csv`}
        more={{
          has: found.hasNextPage,
          loading: found.isFetchingNextPage,
          load: () => void found.fetchNextPage(),
        }}
        tools={
          <>
            <Search
              label={t("Number of the order")}
              value={view.number}
              onChange={search}
              width={230}
            />
            <Select
              size="sm"
              w={170}
              aria-label={t("State")}
              placeholder={t("State")}
              clearable
              value={view.state || null}
              onChange={(state) => setView({ state: state ?? "" })}
              data={STATES.map((value) => ({ value, label: stateWords(value) }))}
            />
            <TextInput
              size="sm"
              type="date"
              w={140}
              aria-label={t("Placed from")}
              title={t("Placed from")}
              value={view.since}
              onChange={(e) => setView({ since: e.currentTarget.value })}
            />
            <TextInput
              size="sm"
              type="date"
              w={140}
              aria-label={t("Placed until")}
              title={t("Placed until")}
              value={view.until}
              onChange={(e) => setView({ until: e.currentTarget.value })}
            />
            <Switch
              label={t("Needs somebody")}
              checked={view.attention}
              onChange={(e) => setView({ attention: e.currentTarget.checked })}
            />
            <Views
              id="orders"
              to="/orders"
              ready={[
                { title: t("Everything"), search: {} },
                { title: t("Needs somebody"), search: { attention: "true" } },
                { title: t("On its way"), search: { state: "shipped" } },
                { title: t("Refused"), search: { state: "refused" } },
              ]}
            />
            {view.member ? (
              <Button variant="light" size="compact-sm" onClick={() => setView({ member: "" })}>
                {t("Of one member only: show all")}
              </Button>
            ) : null}
          </>
        }
        empty={
          filtered ? (
            <EmptyState
              title={view.attention ? t("Nothing needs you") : t("No order matches")}
              icon={ShoppingBag}
              action={
                <Button variant="default" onClick={() => void go("/orders")}>
                  {t("Show everything")}
                </Button>
              }
            >
              {view.attention
                ? t("Every order goes its way by itself at present.")
                : t("Check the number, or take a filter away.")}
            </EmptyState>
          ) : (
            <EmptyState
              title={t("No orders yet")}
              icon={ShoppingBag}
              action={
                me.may("catalogue:read") ? (
                  <Button onClick={() => void go("/catalogue")}>{t("See the catalogue")}</Button>
                ) : undefined
              }
            >
              {t("As soon as a member redeems something, the order stands here.")}
            </EmptyState>
          )
        }
      />
      <Outlet />
    </Page>
  );
}

function useColumns(): Column<OrderRow>[] {
  return useMemo(
    () => [
      {
        key: "number",
        title: t("Number"),
        width: "160px",
        phone: "title",
        value: (o) => o.number,
        render: (o) => (
          <Group gap={6} wrap="nowrap">
            <Go
              to={`/orders/${o.id}${location.search}`}
              size="sm"
              c="var(--text)"
              fw={600}
              className="figures"
            >
              {o.number}
            </Go>
            {o.attention || o.parked ? (
              <TriangleAlert
                className={classes.mark}
                size={16}
                color="var(--danger)"
                role="img"
                aria-label={t("Needs somebody")}
              />
            ) : null}
          </Group>
        ),
      },
      {
        key: "what",
        title: t("What"),
        width: "minmax(180px, 2fr)",
        value: (o) => titleOf(o.title),
        render: (o) => (
          <Text size="sm" truncate>
            {titleOf(o.title)}
            {o.lines > 1 ? ` +${o.lines - 1}` : ""}
          </Text>
        ),
      },
      {
        key: "state",
        title: t("State"),
        width: "190px",
        value: (o) => stateWords(o.state),
        render: (o) => <State tone={stateTone(o.state)}>{stateWords(o.state)}</State>,
      },
      {
        key: "member",
        title: t("Member"),
        width: "minmax(130px, 1fr)",
        phone: "hide",
        value: (o) => o.member.number,
        render: (o) => (
          <Text size="sm" truncate>
            {o.member.name ?? o.member.number ?? "–"}
          </Text>
        ),
      },
      {
        key: "points",
        title: t("Points"),
        width: "110px",
        align: "end",
        value: (o) => o.points,
        render: (o) => <Points n={o.points} bare />,
      },
      {
        key: "money",
        title: t("Money"),
        width: "110px",
        align: "end",
        phone: "hide",
        value: (o) => o.moneyMinor + o.feeMinor,
        render: (o) =>
          o.moneyMinor + o.feeMinor ? (
            <Money of={{ minor: o.moneyMinor + o.feeMinor, currency: o.currency }} />
          ) : (
            "–"
          ),
      },
      {
        key: "supplier",
        title: t("Supplier"),
        width: "120px",
        optional: true,
        phone: "hide",
        value: (o) => o.supplier,
        render: (o) => o.supplier,
      },
      {
        key: "placed",
        title: t("Placed"),
        width: "190px",
        value: (o) => o.placedAt,
        render: (o) => <When at={o.placedAt} />,
      },
    ],
    [],
  );
}
