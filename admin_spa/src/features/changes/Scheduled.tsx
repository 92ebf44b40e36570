import { useQuery } from "@tanstack/react-query";
import type { ChangeSetHead } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand } from "@/app/me";
import { personName, RiskBadge } from "@/basket/labels";
import { t } from "@/i18n";
import { formatAgo, formatDateTime, programmeZone } from "@/i18n/formats";
import { call } from "@/lib/http";
import { DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Figure } from "@/ui/Values";
import { rolloutWords } from "./steps";

/** What takes effect later, soonest first. */
export function Scheduled() {
  return (
    <Guarded permission="parameters:read" title={t("Scheduled")}>
      <List />
    </Guarded>
  );
}

function List() {
  const brand = useBrand();
  const found = useQuery({
    queryKey: ["change-sets", brand, "on-schedule"],
    queryFn: () =>
      call<{ items: ChangeSetHead[] }>("GET", `/${brand}/change-sets`, {
        query: { state: "scheduled", limit: 100 },
      }),
  });
  const rows = [...(found.data?.items ?? [])].sort((a, b) =>
    // What is rolled out has no moment, and is already at work: it stands first.
    (a.effectiveAt ?? "").localeCompare(b.effectiveAt ?? ""),
  );
  return (
    <Page
      title={t("Scheduled")}
      lead={t("What takes effect later, on the clocks of {zone}.", { zone: programmeZone() })}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
    >
      <DataTable
        id="scheduled"
        label={t("Scheduled")}
        rows={rows}
        rowKey={(c) => c.id}
        to={(c) => `/changes/${c.id}`}
        panel={false}
        loading={found.isPending}
        columns={[
          {
            key: "effectiveAt",
            title: t("Takes effect"),
            width: "minmax(200px, 1fr)",
            render: (c) =>
              rolloutWords(c) ??
              (c.effectiveAt ? (
                <span>
                  {formatDateTime(c.effectiveAt)}{" "}
                  <span style={{ color: "var(--muted)" }}>{formatAgo(c.effectiveAt)}</span>
                </span>
              ) : null),
          },
          {
            key: "title",
            title: t("Change set"),
            width: "minmax(200px, 2fr)",
            phone: "title",
            render: (c) => c.title,
          },
          {
            key: "version",
            title: t("Version"),
            align: "end",
            render: (c) => c.publishedVersion ?? "",
          },
          {
            key: "edits",
            title: t("Changes"),
            align: "end",
            render: (c) => <Figure n={c.editCount} />,
          },
          { key: "risk", title: t("Risk"), render: (c) => <RiskBadge risk={c.risk} /> },
          { key: "author", title: t("By"), render: (c) => personName(c.author) },
        ]}
        empty={
          <EmptyState title={t("Nothing is scheduled")}>
            {t(
              "Schedule a change set from its review page: it is published at the minute you say.",
            )}
          </EmptyState>
        }
      />
    </Page>
  );
}
