import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { Download, ScrollText, Search, ShieldCheck } from "lucide-react";
import { useEffect, useMemo } from "react";
import type { AuditActions, AuditEntry, AuditProof } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { mark, t, td, tn } from "@/i18n";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { done, showProblem } from "@/ui/notices";
import { Page } from "@/ui/Page";
import { State, When } from "@/ui/Values";
import { AuditPanel } from "./AuditPanel";
import { actionWords, subjectLink, whoWords } from "./words";

interface AuditPage {
  items: AuditEntry[];
  nextCursor: string | null;
}

const COLUMNS: Column<AuditEntry>[] = [
  {
    key: "at",
    title: mark("When"),
    width: "200px",
    render: (e) => <When at={e.occurredAt} />,
    value: (e) => e.occurredAt,
  },
  {
    key: "who",
    title: mark("Who"),
    width: "minmax(120px, 1fr)",
    render: (e) => whoWords(e),
    value: (e) => `${e.actorName || e.actor}`,
  },
  {
    key: "what",
    title: mark("What"),
    width: "minmax(180px, 2fr)",
    phone: "title",
    render: (e) => actionWords(e.action),
    value: (e) => e.action,
  },
  {
    key: "subject",
    title: mark("On what"),
    width: "minmax(160px, 2fr)",
    render: (e) => {
      const link = subjectLink(e);
      return link ? <Go to={link.to}>{link.text}</Go> : <Text size="sm">{e.subject}</Text>;
    },
    value: (e) => e.subject,
  },
  {
    key: "address",
    title: mark("Network address"),
    optional: true,
    phone: "hide",
    render: (e) => e.address || "–",
    value: (e) => e.address,
  },
  {
    key: "seq",
    title: mark("Number"),
    optional: true,
    align: "end",
    phone: "hide",
    render: (e) => <span className="figures">{e.seq}</span>,
    value: (e) => e.seq,
  },
];

/** Who did what: searched, proved, taken away. */
export function Audit() {
  return (
    <Guarded permission="audit:read" title={t("Audit trail")}>
      <Trail />
    </Guarded>
  );
}

function Trail() {
  const brand = useBrand();
  const me = useMe();
  const [view, setView] = useUrlState({ q: "", action: "", actor: "", subject: "", entry: 0 });
  const filters = { q: view.q, action: view.action, actor: view.actor, subject: view.subject };
  const trail = useInfiniteQuery({
    queryKey: ["audit", brand, filters],
    queryFn: ({ pageParam }) =>
      call<AuditPage>("GET", `/${brand}/audit`, {
        query: {
          q: view.q || null,
          action: view.action || null,
          actor: view.actor || null,
          subject: view.subject || null,
          cursor: pageParam,
          limit: 100,
        },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  const actions = useQuery({
    queryKey: ["audit-actions", brand],
    queryFn: () => call<AuditActions>("GET", `/${brand}/audit/actions`),
  });
  const { hasNextPage, isFetching, fetchNextPage } = trail;
  const found = trail.data?.pages.some((p) => p.items.length > 0);
  // A search looks through so many entries at a time: go on until something is found.
  useEffect(() => {
    if (trail.data && !found && hasNextPage && !isFetching) void fetchNextPage();
  }, [trail.data, found, hasNextPage, isFetching, fetchNextPage]);
  const rows = useMemo(() => trail.data?.pages.flatMap((p) => p.items) ?? [], [trail.data]);
  const columns = useMemo(() => COLUMNS.map((c) => ({ ...c, title: td(c.title) })), []);
  const open = view.entry ? rows.find((e) => e.seq === view.entry) : undefined;
  const filtered = Boolean(view.q || view.action || view.actor || view.subject);
  return (
    <Page
      title={t("Audit trail")}
      lead={t("Everything that people and systems changed, in order. Nothing here can be edited.")}
      width="full"
      actions={
        <>
          <Proof brand={brand} />
          {me.may("audit:export") ? (
            <Button
              component="a"
              href={`/api/admin/v1/${brand}/audit/export`}
              variant="default"
              leftSection={<Download size={16} aria-hidden />}
            >
              {t("Export")}
            </Button>
          ) : null}
        </>
      }
      error={trail.error}
      retry={() => void trail.refetch()}
    >
      <DataTable
        id="audit"
        label={t("Audit trail")}
        columns={columns}
        rows={rows}
        rowKey={(e) => String(e.seq)}
        onOpen={(e) => setView({ entry: e.seq }, true)}
        current={view.entry ? String(view.entry) : undefined}
        loading={trail.isPending || (!found && hasNextPage)}
        more={{
          has: trail.hasNextPage,
          loading: trail.isFetchingNextPage,
          load: () => void trail.fetchNextPage(),
        }}
        csv="audit"
        tools={
          <>
            <TextInput
              aria-label={t("Search in entries")}
              placeholder={t("Search in entries")}
              leftSection={<Search size={16} aria-hidden />}
              defaultValue={view.q}
              onKeyDown={(e) => {
                if (e.key === "Enter") setView({ q: e.currentTarget.value.trim(), entry: 0 });
              }}
              onBlur={(e) => setView({ q: e.currentTarget.value.trim() })}
            />
            <Select
              aria-label={t("Kind of entry")}
              placeholder={t("Every kind")}
              clearable
              searchable
              value={view.action || null}
              data={(actions.data?.items ?? []).map((a) => ({ value: a, label: actionWords(a) }))}
              onChange={(value) => setView({ action: value ?? "", entry: 0 })}
            />
            {view.actor || view.subject ? (
              <Button
                variant="subtle"
                onClick={() => setView({ actor: "", subject: "", entry: 0 })}
              >
                {t("Show everything")}
              </Button>
            ) : null}
          </>
        }
        empty={
          filtered ? (
            <EmptyState
              title={t("No entry fits")}
              icon={Search}
              action={
                <Button
                  variant="default"
                  onClick={() => setView({ q: "", action: "", actor: "", subject: "" })}
                >
                  {t("Show everything")}
                </Button>
              }
            >
              {t("Try fewer words, or another kind of entry.")}
            </EmptyState>
          ) : (
            <EmptyState title={t("Nothing has been changed yet")} icon={ScrollText}>
              {t("As soon as somebody changes a parameter, a product or a person, it stands here.")}
            </EmptyState>
          )
        }
      />
      {open ? (
        <AuditPanel
          entry={open}
          close={() => setView({ entry: 0 })}
          narrow={(change) => setView({ ...change, entry: 0 })}
        />
      ) : null}
    </Page>
  );
}

function Proof({ brand }: { brand: string }) {
  const proof = useMutation({
    mutationFn: () => call<AuditProof>("GET", `/${brand}/audit/proof`),
    onSuccess: (found) => {
      if (found.whole) {
        done(
          tn(
            "The chain holds: {n} entry, each as it was written.",
            "The chain holds: {n} entries, each as it was written.",
            found.entries,
          ),
        );
      }
    },
    onError: showProblem,
  });
  const broken = proof.data && !proof.data.whole;
  return (
    <Group gap="xs">
      {proof.data?.whole ? <State tone="positive">{t("Chain holds")}</State> : null}
      {broken ? (
        <Stack gap={0}>
          <State tone="danger">{t("Chain broken")}</State>
          <Text size="xs" role="alert">
            {t("From entry {n}: tell the deployment's operator.", {
              n: proof.data.faults[0]?.seq ?? 0,
            })}
          </Text>
        </Stack>
      ) : null}
      <Button
        variant="default"
        loading={proof.isPending}
        leftSection={<ShieldCheck size={16} aria-hidden />}
        onClick={() => proof.mutate()}
      >
        {t("Verify the chain")}
      </Button>
    </Group>
  );
}
