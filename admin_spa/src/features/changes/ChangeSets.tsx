import { SegmentedControl } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ChangeSetHead } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useUrlState } from "@/app/links";
import { useBrand } from "@/app/me";
import { personName, RiskBadge, StateBadge } from "@/basket/labels";
import type { ChangeSetState } from "@/basket/types";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Figure, When } from "@/ui/Values";
import { rolloutWords } from "./steps";

interface Listed {
  items: ChangeSetHead[];
  nextCursor: string | null;
}

const VIEWS: Record<string, ChangeSetState[]> = {
  open: ["draft", "in_review", "returned", "approved", "scheduled"],
  in_review: ["in_review", "approved"],
  scheduled: ["scheduled"],
  done: ["published", "superseded", "discarded"],
};

function columns(): Column<ChangeSetHead>[] {
  return [
    {
      key: "title",
      title: t("Change set"),
      width: "minmax(200px, 2fr)",
      phone: "title",
      render: (c) => c.title,
      value: (c) => c.title,
    },
    {
      key: "state",
      title: t("State"),
      render: (c) => <StateBadge state={c.state} />,
      value: (c) => c.state,
    },
    {
      key: "edits",
      title: t("Changes"),
      align: "end",
      width: "96px",
      render: (c) => <Figure n={c.editCount} />,
      value: (c) => c.editCount,
    },
    {
      key: "risk",
      title: t("Risk"),
      render: (c) => <RiskBadge risk={c.risk} />,
      value: (c) => c.risk,
    },
    {
      key: "author",
      title: t("By"),
      render: (c) => personName(c.author),
      value: (c) => personName(c.author),
    },
    {
      key: "effectiveAt",
      title: t("In force from"),
      render: (c) => rolloutWords(c) ?? <When at={c.effectiveAt} />,
      value: (c) => rolloutWords(c) ?? (c.effectiveAt ? formatDateTime(c.effectiveAt) : ""),
    },
    {
      key: "updatedAt",
      title: t("Last changed"),
      render: (c) => <When at={c.updatedAt} ago />,
      value: (c) => formatDateTime(c.updatedAt),
    },
  ];
}

/** Change sets: open ones first, those done for looking up. */
export function ChangeSets() {
  return (
    <Guarded permission="parameters:read" title={t("Change sets")}>
      <List />
    </Guarded>
  );
}

function List() {
  const brand = useBrand();
  const [view, setView] = useUrlState({ view: "open" });
  const states = VIEWS[view.view] ?? [];
  const sets = useInfiniteQuery({
    queryKey: ["change-sets", brand, view.view],
    queryFn: ({ pageParam }) =>
      call<Listed>("GET", `/${brand}/change-sets`, { query: { state: states, cursor: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  const rows = sets.data?.pages.flatMap((p) => p.items) ?? [];
  return (
    <Page
      title={t("Change sets")}
      lead={t("What people change together, from a draft to what members see.")}
      width="full"
      error={sets.error}
      retry={() => void sets.refetch()}
    >
      <DataTable
        id="change-sets"
        label={t("Change sets")}
        columns={columns()}
        rows={rows}
        rowKey={(c) => c.id}
        to={(c) => `/changes/${c.id}`}
        panel={false}
        loading={sets.isPending}
        csv="change-sets"
        more={{
          has: sets.hasNextPage,
          loading: sets.isFetchingNextPage,
          load: () => void sets.fetchNextPage(),
        }}
        tools={
          <SegmentedControl
            size="xs"
            value={view.view}
            onChange={(next) => setView({ view: next })}
            data={[
              { value: "open", label: t("Open") },
              { value: "in_review", label: t("In review") },
              { value: "scheduled", label: t("Scheduled") },
              { value: "done", label: t("Done") },
            ]}
          />
        }
        empty={
          <EmptyState title={t("Nothing here")}>
            {t(
              "Change a setting on any screen of the programme, and a change set begins by itself.",
            )}
          </EmptyState>
        }
      />
    </Page>
  );
}
