import { Button, Code, Group, List, Progress, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Download, FileUp } from "lucide-react";
import type { MemberImport, MemberImports, MemberImportTotals } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { Drop } from "@/features/catalogue/Drop";
import { mark, t, td, tn, tx } from "@/i18n";
import { formatNumber, formatPercent, formatPoints } from "@/i18n/formats";
import { call, send } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { saveFile } from "@/ui/csv";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Figure, State, type Tone, When } from "@/ui/Values";
import { faultWords, lineWords } from "./import_words";

const LOOK_MS = 700;
const HEADING =
  "email,name,phone,language,external_id,joined,opening_balance,expiry,tier,tier_until";
const STATES: Record<MemberImport["state"], { words: string; tone: Tone }> = {
  checking: { words: mark("Being looked through"), tone: "info" },
  checked: { words: mark("Looked through"), tone: "accent" },
  applying: { words: mark("Being taken in"), tone: "info" },
  applied: { words: mark("Taken in"), tone: "positive" },
  failed: { words: mark("Ended early"), tone: "danger" },
  discarded: { words: mark("Dropped"), tone: "neutral" },
};
const CRUMBS = () => [{ title: t("Members"), to: "/members" }];

/** Bringing members in from a file: the first step, and what was brought before. */
export function Imports() {
  return (
    <Guarded permission="members:import" title={t("Import members")}>
      <Start />
    </Guarded>
  );
}

function Start() {
  const brand = useBrand();
  const go = useGo();
  const past = useQuery({
    queryKey: ["member-imports", brand],
    queryFn: () => call<MemberImports>("GET", `/${brand}/members/imports`),
  });
  const bring = useMutation({
    mutationFn: async (file: File) => {
      const name = encodeURIComponent(file.name.slice(0, 200));
      const response = await send(`/api/admin/v1/${brand}/members/imports?name=${name}`, {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body: file,
      });
      return (await response.json()) as MemberImport;
    },
    onSuccess: (made) => void go(`/members/imports/${made.id}`),
    meta: { shown: true },
  });
  return (
    <Page
      title={t("Import members")}
      crumbs={CRUMBS()}
      lead={t("A file is looked through first; nothing changes until you say so.")}
      width="wide"
    >
      <Stack gap="lg">
        <Card title={t("1. Choose a file")}>
          <Drop
            icon={FileUp}
            invitation={t("Drop a CSV file here")}
            act={t("Choose a file")}
            limits={t("CSV in UTF-8 with a heading, at most 200 MB")}
            accept=".csv,text/csv"
            busy={bring.isPending}
            take={([file]) => file && bring.mutate(file)}
          />
          {bring.error ? <Problem error={bring.error} /> : null}
          <Text size="sm" mt="md" fw={600}>
            {t("What the file holds")}
          </Text>
          <List size="sm" mt={4} spacing={2}>
            <List.Item>{t("One line for each member; e-mail and name are needed.")}</List.Item>
            <List.Item>
              {tx("The first line names the columns: {columns}", {
                columns: <Code>{HEADING}</Code>,
              })}
            </List.Item>
            <List.Item>
              {t("Balances are booked once for each member, with their last day if one is given.")}
            </List.Item>
            <List.Item>
              {t("Tiers are the programme's own; a last day is the end of a year.")}
            </List.Item>
            <List.Item>
              {t("Members who are there already stay as they are; the file may be sent again.")}
            </List.Item>
          </List>
          <Button
            mt="sm"
            variant="default"
            size="xs"
            leftSection={<Download size={14} aria-hidden />}
            onClick={() => saveFile("members.csv", `\ufeff${HEADING}\r\n`, "text/csv")}
          >
            {t("An empty file with the heading")}
          </Button>
        </Card>
        <Card title={t("Files so far")} flush>
          {past.error ? (
            <Problem error={past.error} retry={() => void past.refetch()} />
          ) : past.data && !past.data.items.length ? (
            <EmptyState title={t("No file yet")} icon={FileUp}>
              {t("The files of the last seven days stand here with what they did.")}
            </EmptyState>
          ) : (
            <Table.ScrollContainer minWidth={520}>
              <Table verticalSpacing="sm" horizontalSpacing="md">
                <Table.Tbody>
                  {past.data?.items.map((one) => (
                    <Table.Tr key={one.id}>
                      <Table.Td>
                        <Go to={`/members/imports/${one.id}`}>{one.fileName}</Go>
                      </Table.Td>
                      <Table.Td>
                        <State tone={STATES[one.state].tone}>{td(STATES[one.state].words)}</State>
                      </Table.Td>
                      <Table.Td>{one.createdBy}</Table.Td>
                      <Table.Td>
                        <When at={one.createdAt} />
                      </Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )}
        </Card>
      </Stack>
    </Page>
  );
}

/** One file on its way. */
export function Import() {
  return (
    <Guarded permission="members:import" title={t("Import members")}>
      <OneImport />
    </Guarded>
  );
}

function OneImport() {
  const brand = useBrand();
  const go = useGo();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const { import: id } = useParams({ strict: false }) as { import: string };
  const path = `/${brand}/members/imports/${id}`;
  const key = ["member-import", brand, id];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<MemberImport>("GET", path),
    refetchInterval: ({ state }) =>
      state.data && ["checking", "applying"].includes(state.data.state) ? LOOK_MS : false,
  });
  const one = found.data;
  const step = useMutation({
    mutationFn: (act: "apply" | "discard") => call<MemberImport>("POST", `${path}/${act}`),
    onSuccess: (next) => {
      queries.setQueryData(key, next);
      void queries.invalidateQueries({ queryKey: ["members", brand] });
    },
  });
  const apply = async () => {
    if (!one) return;
    const { created, rejected, pointsBooked } = one.totals;
    const yes = await confirm({
      title: t("Take this file in?"),
      act: t("Take it in"),
      consequence: (
        <List>
          <List.Item>{tn("{n} member is made", "{n} members are made", created)}</List.Item>
          <List.Item>{t("{points} are booked", { points: formatPoints(pointsBooked) })}</List.Item>
          {rejected ? (
            <List.Item>{tn("{n} line stays out", "{n} lines stay out", rejected)}</List.Item>
          ) : null}
        </List>
      ),
    });
    if (yes) step.mutate("apply");
  };
  const busy = one?.state === "checking" || one?.state === "applying";
  const nothing = one ? one.totals.created + one.totals.pointsBooked === 0 : true;
  return (
    <Page
      title={one?.fileName ?? t("Import members")}
      crumbs={[...CRUMBS(), { title: t("Import members"), to: "/members/imports" }]}
      badge={
        one ? <State tone={STATES[one.state].tone}>{td(STATES[one.state].words)}</State> : null
      }
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      width="wide"
      actions={
        one ? (
          <>
            {one.state === "checked" || busy ? (
              <Button variant="default" onClick={() => step.mutate("discard")}>
                {t("Drop this file")}
              </Button>
            ) : (
              <Button variant="default" onClick={() => void go("/members/imports")}>
                {t("Another file")}
              </Button>
            )}
            {one.state === "checked" ? (
              <Button disabled={nothing} loading={step.isPending} onClick={() => void apply()}>
                {t("Take it in")}
              </Button>
            ) : null}
            {one.state === "applied" ? (
              <Button onClick={() => void go("/members")}>{t("See the members")}</Button>
            ) : null}
          </>
        ) : null
      }
    >
      {one ? (
        <Stack gap="lg">
          {step.error ? <Problem error={step.error} /> : null}
          {busy ? <Under one={one} /> : null}
          {one.state === "failed" ? (
            <EmptyState title={t("The import ended early")} icon={FileUp}>
              <Text>{faultWords(one)}</Text>
              <Text mt={4}>
                {one.checkedTotals
                  ? t("What came in before stays; the same file may be sent again.")
                  : t("Nothing was changed.")}
              </Text>
            </EmptyState>
          ) : (
            <Card title={one.checkedTotals ? t("What it did") : t("What it would do")}>
              <Tally totals={one.totals} />
              {one.state === "checked" && nothing ? (
                <Text mt="sm">{t("There is nothing to take in: everything is so already.")}</Text>
              ) : null}
            </Card>
          )}
          {one.totals.rejected ? <Refused one={one} path={path} /> : null}
        </Stack>
      ) : null}
    </Page>
  );
}

function Under({ one }: { one: MemberImport }) {
  const ratio = one.sizeBytes ? one.position / one.sizeBytes : 0;
  return (
    <Stack gap={6} aria-live="polite">
      <Text size="sm">
        {one.state === "checking"
          ? t("Every line is being tried; nothing is changed.")
          : t("Members are being taken in; you may leave this page.")}{" "}
        <span className="figures">{formatPercent(ratio, 0)}</span>
      </Text>
      <Progress value={ratio * 100} aria-label={t("Progress")} animated />
    </Stack>
  );
}

function Tally({ totals }: { totals: MemberImportTotals }) {
  const lines: [string, number][] = [
    [t("Lines read"), totals.rows],
    [t("Members made"), totals.created],
    [t("Members there before"), totals.unchanged],
    [t("Points booked"), totals.pointsBooked],
    [t("Points booked before"), totals.pointsThere],
    [t("Lines refused"), totals.rejected],
  ];
  const tiers = Object.entries(totals.tiers);
  return (
    <Stack gap="sm">
      <Group gap="xl">
        {lines.map(([title, n]) => (
          <div key={title}>
            <Text size="sm" c="var(--muted)">
              {title}
            </Text>
            <Text fz={24} fw={620}>
              <Figure n={n} />
            </Text>
          </div>
        ))}
      </Group>
      <Text size="sm">
        {t("The lines that are taken hold {sum} points: {now} booked now and {before} before.", {
          sum: formatNumber(totals.pointsInFile),
          now: formatNumber(totals.pointsBooked),
          before: formatNumber(totals.pointsThere),
        })}{" "}
        {totals.pointsRejected
          ? t("Refused lines hold {n} more.", { n: formatNumber(totals.pointsRejected) })
          : null}
      </Text>
      {tiers.length ? (
        <Text size="sm">
          {t("Tiers: {list}", {
            list: tiers.map(([tier, n]) => `${tier} ${formatNumber(n)}`).join(", "),
          })}
        </Text>
      ) : null}
    </Stack>
  );
}

type Line = MemberImport["errors"][number];

function Refused({ one, path }: { one: MemberImport; path: string }) {
  const columns: Column<Line>[] = [
    {
      key: "line",
      title: t("Line"),
      width: "90px",
      align: "end",
      value: (e) => e.line,
      render: (e) => <Figure n={e.line} />,
    },
    {
      key: "column",
      title: t("Column"),
      width: "170px",
      value: (e) => e.column,
      render: (e) => (e.column ? <Code>{e.column}</Code> : t("the whole line")),
    },
    {
      key: "reason",
      title: t("What is wrong"),
      width: "minmax(220px, 2fr)",
      phone: "title",
      value: (e) => e.reason,
      render: (e) => (
        <Text size="sm" lineClamp={2} title={lineWords(e)} style={{ whiteSpace: "normal" }}>
          {lineWords(e)}
        </Text>
      ),
    },
    {
      key: "text",
      title: t("In the file"),
      width: "minmax(140px, 1fr)",
      phone: "hide",
      value: (e) => e.text,
      render: (e) => (
        <Text size="sm" truncate>
          {e.text}
        </Text>
      ),
    },
  ];
  return (
    <section aria-label={t("Lines that are not taken")}>
      <DataTable
        id="member-import-refused"
        label={t("Lines that are not taken")}
        columns={columns}
        rows={one.errors}
        rowKey={(e) => `${e.line} ${e.column} ${e.reason}`}
        rowHeight={64}
        height="480px"
        total={one.totals.rejected}
        tools={
          <>
            <Text fw={600}>{t("Lines that are not taken")}</Text>
            {one.totals.rejected > one.errors.length ? (
              <Text size="sm" c="var(--muted)">
                {t("The first {n} are shown.", { n: formatNumber(one.errors.length) })}
              </Text>
            ) : null}
            <Button
              component="a"
              size="xs"
              variant="default"
              href={`/api/admin/v1${path}/refused`}
              leftSection={<Download size={14} aria-hidden />}
            >
              {t("As a file")}
            </Button>
          </>
        }
      />
    </section>
  );
}
