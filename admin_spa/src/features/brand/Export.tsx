import { Button, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, PackageOpen } from "lucide-react";
import type { BrandExport, BrandExports } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime, formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { done } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State, type Tone } from "@/ui/Values";

const LOOK_EVERY_MS = 2_000;
const TONES: Record<BrandExport["state"], Tone> = {
  waiting: "info",
  running: "info",
  ready: "positive",
  failed: "danger",
  expired: "neutral",
};

/** Everything the brand has, to take away: asked for here, made by a worker. */
export function Export() {
  return (
    <Guarded permission="brand:export" title={t("Take everything away")}>
      <Exports />
    </Guarded>
  );
}

function Exports() {
  const brand = useBrand();
  const client = useQueryClient();
  const found = useQuery({
    queryKey: ["exports", brand],
    queryFn: () => call<BrandExports>("GET", `/${brand}/exports`),
    refetchInterval: (query) => (query.state.data?.items.some(atWork) ? LOOK_EVERY_MS : false),
  });
  const start = useMutation({
    mutationFn: () => call<BrandExport>("POST", `/${brand}/exports`),
    onSuccess: async () => {
      done(t("The export is being made."));
      await client.invalidateQueries({ queryKey: ["exports", brand] });
    },
  });
  const rows = found.data?.items ?? [];
  return (
    <Page
      title={t("Take everything away")}
      lead={t("Members, points, orders, parameters and files in one file of your own.")}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      actions={
        <Button
          onClick={() => start.mutate()}
          loading={start.isPending}
          disabled={rows.some(atWork)}
        >
          {t("Make an export")}
        </Button>
      }
    >
      <Stack gap="lg">
        {start.error ? <Problem error={start.error} /> : null}
        <Card
          title={t("What is in it")}
          lead={t(
            "Every table as of one instant, every file, and a program that proves them. Passwords, keys and secrets stay here; the file says what to do about each.",
          )}
        >
          <Text size="sm">
            {t(
              "It holds personal data. The file can be downloaded for a week, and {n} exports a day are made.",
              { n: formatNumber(found.data?.aDay ?? 0) },
            )}
          </Text>
        </Card>
        <List rows={rows} brand={brand} />
      </Stack>
    </Page>
  );
}

function atWork(one: BrandExport): boolean {
  return one.state === "waiting" || one.state === "running";
}

function List({ rows, brand }: { rows: BrandExport[]; brand: string }) {
  const columns: Column<BrandExport>[] = [
    {
      key: "asked",
      title: t("Asked for"),
      width: "minmax(180px, 2fr)",
      phone: "title",
      render: (one) =>
        one.requestedByName
          ? t("{when} by {who}", {
              when: formatDateTime(one.requestedAt),
              who: one.requestedByName,
            })
          : formatDateTime(one.requestedAt),
      value: (one) => one.requestedAt,
    },
    {
      key: "state",
      title: t("State"),
      width: "160px",
      render: (one) =>
        one.state === "running" ? (
          <Progress
            value={one.total ? (100 * one.done) / one.total : 0}
            aria-label={stateName(one.state)}
          />
        ) : (
          <State tone={TONES[one.state]}>{stateName(one.state)}</State>
        ),
      value: (one) => stateName(one.state),
    },
    {
      key: "rows",
      title: t("Rows"),
      width: "110px",
      align: "end",
      render: (one) => (one.rowCount === null ? "" : formatNumber(one.rowCount)),
      value: (one) => one.rowCount ?? 0,
    },
    {
      key: "until",
      title: t("Until"),
      width: "170px",
      render: (one) => (one.expiresAt ? formatDateTime(one.expiresAt) : ""),
      value: (one) => one.expiresAt ?? "",
    },
    {
      key: "file",
      title: t("File"),
      width: "150px",
      render: (one) => (one.state === "ready" ? <Take one={one} brand={brand} /> : null),
    },
  ];
  return (
    <DataTable
      id="exports"
      label={t("Exports")}
      columns={columns}
      rows={rows}
      rowKey={(one) => one.id}
      height="auto"
      empty={
        <EmptyState title={t("Nothing was exported yet")} icon={PackageOpen}>
          {t("An export takes seconds, or minutes with many members.")}
        </EmptyState>
      }
    />
  );
}

/** A link cannot ask who this is, so that is asked before. */
function Take({ one, brand }: { one: BrandExport; brand: string }) {
  const path = `/${brand}/exports/${one.id}`;
  const take = useMutation({
    mutationFn: () => call<BrandExport>("GET", path),
    onSuccess: () => window.location.assign(`/api/admin/v1${path}/file`),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<Download size={16} aria-hidden />}
      onClick={() => take.mutate()}
      loading={take.isPending}
    >
      {t("Download")}
    </Button>
  );
}

function stateName(state: BrandExport["state"]): string {
  const names: Record<BrandExport["state"], string> = {
    waiting: t("Waiting"),
    running: t("Being made"),
    ready: t("Ready"),
    failed: t("Failed"),
    expired: t("Removed"),
  };
  return names[state];
}
