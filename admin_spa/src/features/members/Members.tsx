import { Button, Group } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ClipboardCheck, FileUp, Users } from "lucide-react";
import { useCallback, useMemo } from "react";
import type { MemberPage, MemberRow, WaitingAdjustments } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useGo, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Search } from "@/ui/Search";
import { Points, State, When } from "@/ui/Values";
import { statusTone, statusWords } from "./words";

/** Members: found by whatever they say of themselves. */
export function Members() {
  return (
    <Guarded permission="members:read" title={t("Members")}>
      <List />
    </Guarded>
  );
}

function List() {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const [view, setView] = useUrlState({ q: "" });
  const found = useInfiniteQuery({
    queryKey: ["members", brand, view.q],
    queryFn: ({ pageParam, signal }) =>
      call<MemberPage>("GET", `/${brand}/members`, {
        query: { q: view.q || null, cursor: pageParam, limit: 50 },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    placeholderData: keepPreviousData,
  });
  const waiting = useQuery({
    queryKey: ["adjustments", brand],
    queryFn: () => call<WaitingAdjustments>("GET", `/${brand}/adjustments`),
  });
  const rows = useMemo(() => found.data?.pages.flatMap((p) => p.items) ?? [], [found.data]);
  const search = useCallback((q: string) => setView({ q }), [setView]);
  const columns = useColumns();
  const asked = waiting.data?.items.length ?? 0;
  return (
    <Page
      title={t("Members")}
      lead={t("Who looks at a member stands in the audit trail.")}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
      actions={
        <>
          {me.may("members:import") ? (
            <Button
              variant="default"
              leftSection={<FileUp size={16} aria-hidden />}
              onClick={() => void go("/members/imports")}
            >
              {t("Import")}
            </Button>
          ) : null}
          <Button
            variant={asked ? "light" : "default"}
            leftSection={<ClipboardCheck size={16} aria-hidden />}
            onClick={() => void go("/members/adjustments")}
          >
            {asked ? tn("{n} correction waits", "{n} corrections wait", asked) : t("Corrections")}
          </Button>
        </>
      }
    >
      <DataTable
        id="members"
        label={t("Members")}
        columns={columns}
        rows={rows}
        view={view.q}
        rowKey={(m) => m.id}
        onOpen={(m) => void go(`/members/${m.id}`)}
        loading={found.isPending}
        stale={found.isPlaceholderData}
        more={{
          has: found.hasNextPage,
          loading: found.isFetchingNextPage,
          load: () => void found.fetchNextPage(),
        }}
        tools={
          <Group gap="sm">
            <Search
              label={t("Number, e-mail, phone or name")}
              value={view.q}
              onChange={search}
              width={340}
            />
          </Group>
        }
        empty={
          view.q ? (
            <EmptyState
              title={t("Nobody is found")}
              icon={Users}
              action={
                <Button variant="default" onClick={() => setView({ q: "" })}>
                  {t("Show who joined last")}
                </Button>
              }
            >
              {t(
                "Numbers and e-mails are looked for in full, phones by their last eight digits, names by how their words begin.",
              )}
            </EmptyState>
          ) : (
            <EmptyState title={t("No members yet")} icon={Users}>
              {t(
                "Members join on your site. Customers you have already come in from a file, with their points and tiers.",
              )}
            </EmptyState>
          )
        }
      />
    </Page>
  );
}

function useColumns(): Column<MemberRow>[] {
  return useMemo(
    () => [
      {
        key: "name",
        title: t("Name"),
        width: "minmax(160px, 1.6fr)",
        phone: "title",
        render: (m) => (
          <Go to={`/members/${m.id}`} size="sm" c="var(--text)" fw={550} lineClamp={1}>
            {m.name ?? t("Erased")}
          </Go>
        ),
      },
      {
        key: "number",
        title: t("Number"),
        width: "150px",
        render: (m) => <span className="figures">{m.number ?? "–"}</span>,
      },
      {
        key: "email",
        title: t("E-mail"),
        width: "minmax(180px, 1.6fr)",
        phone: "hide",
        render: (m) => m.email ?? "–",
      },
      {
        key: "phone",
        title: t("Phone"),
        width: "150px",
        optional: true,
        phone: "hide",
        render: (m) => <span className="figures">{m.phone ?? "–"}</span>,
      },
      {
        key: "points",
        title: t("Points"),
        width: "120px",
        align: "end",
        render: (m) => <Points n={m.points} bare />,
      },
      {
        key: "status",
        title: t("State"),
        width: "110px",
        render: (m) => <State tone={statusTone(m.status)}>{statusWords(m.status)}</State>,
      },
      {
        key: "joined",
        title: t("Joined"),
        width: "130px",
        phone: "hide",
        render: (m) => <When at={m.joinedAt} dateOnly />,
      },
    ],
    [],
  );
}
