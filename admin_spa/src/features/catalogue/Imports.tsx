import { Button, Code, Group, List, Progress, Stack, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Download, FileUp } from "lucide-react";
import type { CatalogueImport, CatalogueImports, ImportTotals } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useGo } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { mark, t, td, tn, tx } from "@/i18n";
import { formatNumber, formatPercent } from "@/i18n/formats";
import { call, send } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { saveFile } from "@/ui/csv";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Figure, State, type Tone, When } from "@/ui/Values";
import { listKey } from "./api";
import classes from "./Catalogue.module.css";
import { Drop } from "./Drop";
import { fixFor, wrongWords } from "./words";

const LOOK_MS = 700;
const STATES: Record<CatalogueImport["state"], { words: string; tone: Tone }> = {
  checking: { words: mark("Being looked through"), tone: "info" },
  checked: { words: mark("Looked through"), tone: "accent" },
  applying: { words: mark("Being taken in"), tone: "info" },
  applied: { words: mark("Taken in"), tone: "positive" },
  failed: { words: mark("Cannot be read"), tone: "danger" },
  discarded: { words: mark("Dropped"), tone: "neutral" },
};

const CRUMBS = () => [{ title: t("Catalogue"), to: "/catalogue" }];

/** Bringing many products in from a file: the first step, and what was brought before. */
export function Imports() {
  return (
    <Guarded permission="catalogue:read" title={t("Import products")}>
      <Start />
    </Guarded>
  );
}

function Start() {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const past = useQuery({
    queryKey: ["catalogue-imports", brand],
    queryFn: () => call<CatalogueImports>("GET", `/${brand}/catalogue/imports`),
  });
  const bring = useMutation({
    mutationFn: async (file: File) => {
      const name = encodeURIComponent(file.name.slice(0, 200));
      const path = `/api/admin/v1/${brand}/catalogue/imports?name=${name}`;
      const response = await send(path, {
        method: "POST",
        headers: { "content-type": "text/csv" },
        body: file,
      });
      return (await response.json()) as CatalogueImport;
    },
    onSuccess: (made) => void go(`/catalogue/imports/${made.id}`),
    meta: { shown: true },
  });
  const languages = me.brand.languages;
  const heading = [
    "slug,category,supplier,currency,sku,price,stock",
    ...languages.map((l) => `name_${l},summary_${l}`),
  ].join(",");
  return (
    <Page
      title={t("Import products")}
      crumbs={CRUMBS()}
      lead={t("A file is looked through first; nothing changes until you say so.")}
      width="wide"
    >
      <Stack gap="lg">
        {me.may("catalogue:write") ? (
          <Card title={t("1. Choose a file")}>
            <Drop
              icon={FileUp}
              invitation={t("Drop a CSV file here")}
              act={t("Choose a file")}
              limits={t("CSV in UTF-8 with a heading, at most 50 MB")}
              accept=".csv,text/csv"
              busy={bring.isPending}
              take={([file]) => file && bring.mutate(file)}
            />
            {bring.error ? <Problem error={bring.error} /> : null}
            <Text size="sm" mt="md" fw={600}>
              {t("What the file holds")}
            </Text>
            <List size="sm" mt={4} spacing={2}>
              <List.Item>
                {t("One line for each SKU; lines of a product stand together.")}
              </List.Item>
              <List.Item>
                {tx("The first line names the columns, such as {columns}", {
                  columns: <Code>{heading}</Code>,
                })}
              </List.Item>
              <List.Item>
                {t("A column that is not in the file leaves what is there; pictures stay.")}
              </List.Item>
              <List.Item>
                {t("Stock counts for new SKUs; later it is counted, not imported.")}
              </List.Item>
            </List>
            <Group mt="sm" gap="xs">
              <Button
                variant="default"
                size="xs"
                leftSection={<Download size={14} aria-hidden />}
                onClick={() => saveFile("products.csv", `\ufeff${heading}\r\n`, "text/csv")}
              >
                {t("An empty file with the heading")}
              </Button>
              <Button
                component="a"
                href={`/api/admin/v1/${brand}/catalogue/export`}
                variant="default"
                size="xs"
                leftSection={<Download size={14} aria-hidden />}
              >
                {t("The whole catalogue as it is")}
              </Button>
            </Group>
          </Card>
        ) : null}
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
                        <Go to={`/catalogue/imports/${one.id}`}>{one.fileName}</Go>
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
    <Guarded permission="catalogue:read" title={t("Import products")}>
      <OneImport />
    </Guarded>
  );
}

function OneImport() {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const { import: id } = useParams({ strict: false }) as { import: string };
  const path = `/${brand}/catalogue/imports/${id}`;
  const key = ["catalogue-import", brand, id];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<CatalogueImport>("GET", path),
    refetchInterval: ({ state }) =>
      state.data && ["checking", "applying"].includes(state.data.state) ? LOOK_MS : false,
  });
  const one = found.data;
  const step = useMutation({
    mutationFn: (act: "apply" | "discard") => call<CatalogueImport>("POST", `${path}/${act}`),
    onSuccess: (next) => {
      queries.setQueryData(key, next);
      void queries.invalidateQueries({ queryKey: listKey(brand) });
      void queries.invalidateQueries({ queryKey: ["catalogue-options", brand] });
    },
  });
  const apply = async () => {
    if (!one) return;
    const { created, changed, refused } = one.totals;
    const yes = await confirm({
      title: t("Take this file in?"),
      act: t("Take it in"),
      consequence: (
        <List>
          <List.Item>{tn("{n} product is made", "{n} products are made", created)}</List.Item>
          <List.Item>{tn("{n} product changes", "{n} products change", changed)}</List.Item>
          {refused ? (
            <List.Item>
              {tn("{n} fault: its line stays out", "{n} faults: their lines stay out", refused)}
            </List.Item>
          ) : null}
        </List>
      ),
    });
    if (yes) step.mutate("apply");
  };
  const busy = one?.state === "checking" || one?.state === "applying";
  const nothing = one ? one.totals.created + one.totals.changed === 0 : true;
  return (
    <Page
      title={one?.fileName ?? t("Import products")}
      crumbs={[...CRUMBS(), { title: t("Import products"), to: "/catalogue/imports" }]}
      badge={
        one ? <State tone={STATES[one.state].tone}>{td(STATES[one.state].words)}</State> : null
      }
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      width="wide"
      actions={
        one && me.may("catalogue:write") ? (
          <>
            {one.state === "checked" || busy ? (
              <Button variant="default" onClick={() => step.mutate("discard")}>
                {t("Drop this file")}
              </Button>
            ) : (
              <Button variant="default" onClick={() => void go("/catalogue/imports")}>
                {t("Another file")}
              </Button>
            )}
            {one.state === "checked" ? (
              <Button disabled={nothing} loading={step.isPending} onClick={() => void apply()}>
                {t("Take it in")}
              </Button>
            ) : null}
            {one.state === "applied" ? (
              <Button onClick={() => void go("/catalogue")}>{t("See the catalogue")}</Button>
            ) : null}
          </>
        ) : null
      }
    >
      {one ? (
        <Stack gap="lg">
          {busy ? <Under one={one} /> : null}
          {one.state === "failed" ? (
            <EmptyState
              title={t("The file cannot be read")}
              icon={FileUp}
              action={
                <Button onClick={() => void go("/catalogue/imports")}>{t("Another file")}</Button>
              }
            >
              <Text>{one.fault}</Text>
              {one.faultField ? (
                <Text mt={4}>{t("Column: {name}", { name: one.faultField })}</Text>
              ) : null}
              <Text mt={4}>
                {t("Nothing was changed. Correct the heading and send the file again.")}
              </Text>
            </EmptyState>
          ) : (
            <Card title={one.state === "applied" ? t("What it did") : t("What it would do")}>
              <Tally totals={one.totals} />
              {one.state === "checked" && nothing ? (
                <Text mt="sm">{t("There is nothing to take in: everything is so already.")}</Text>
              ) : null}
            </Card>
          )}
          {one.totals.refused ? <Refused one={one} path={path} /> : null}
        </Stack>
      ) : null}
    </Page>
  );
}

function Under({ one }: { one: CatalogueImport }) {
  const ratio = one.sizeBytes ? one.position / one.sizeBytes : 0;
  return (
    <Stack gap={6} aria-live="polite">
      <Text size="sm">
        {one.state === "checking"
          ? t("Every line is being tried; nothing is changed.")
          : t("Products are being taken in; you may leave this page.")}{" "}
        <span className="figures">{formatPercent(ratio, 0)}</span>
      </Text>
      <Progress value={ratio * 100} aria-label={t("Progress")} animated />
    </Stack>
  );
}

function Tally({ totals }: { totals: ImportTotals }) {
  const lines: [string, number][] = [
    [t("Lines read"), totals.lines],
    [t("Products made"), totals.created],
    [t("Products changed"), totals.changed],
    [t("Products as they were"), totals.unchanged],
    [t("Faults"), totals.refused],
  ];
  return (
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
  );
}

type Line = CatalogueImport["errors"][number];

function Words({ title, children }: { title?: string; children: string }) {
  return (
    <Text size="sm" lineClamp={2} className={classes.wraps ?? ""} title={title}>
      {children}
    </Text>
  );
}

function Refused({ one, path }: { one: CatalogueImport; path: string }) {
  const columns: Column<Line>[] = [
    {
      key: "line",
      title: t("Line"),
      width: "80px",
      align: "end",
      value: (e) => e.line,
      render: (e) => <Figure n={e.line} />,
    },
    {
      key: "column",
      title: t("Column"),
      width: "150px",
      value: (e) => e.column,
      render: (e) => (e.column ? <Code>{e.column}</Code> : t("the whole line")),
    },
    {
      key: "reason",
      title: t("What is wrong"),
      width: "minmax(200px, 1.4fr)",
      phone: "title",
      value: (e) => e.reason,
      render: (e) => <Words title={e.reason}>{wrongWords(e)}</Words>,
    },
    {
      key: "fix",
      title: t("What to do"),
      width: "minmax(200px, 1.6fr)",
      value: (e) => fixFor(e.column, e.code),
      render: (e) => <Words>{fixFor(e.column, e.code)}</Words>,
    },
    {
      key: "text",
      title: t("In the file"),
      width: "minmax(120px, 1fr)",
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
        id="catalogue-refused"
        label={t("Lines that are not taken")}
        columns={columns}
        rows={one.errors}
        rowKey={(e) => `${e.line} ${e.column} ${e.code}`}
        rowHeight={64}
        height="480px"
        total={one.totals.refused}
        tools={
          <>
            <Text fw={600}>{t("Lines that are not taken")}</Text>
            {one.totals.refused > one.errors.length ? (
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
