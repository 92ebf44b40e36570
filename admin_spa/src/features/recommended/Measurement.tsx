/** What recommendations bring: counted, drawn, and the lift against the holdout. */

import { Alert, Button, Group, Select, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChartNoAxesCombined, Download, FlaskConical } from "lucide-react";
import type { MeasuredLine, Measurement as Told } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useUrlState } from "@/app/links";
import { useBrand } from "@/app/me";
import { mark, t, td, tn } from "@/i18n";
import { formatDay, formatNumber, programmeZone } from "@/i18n/formats";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { Figure, State } from "@/ui/Values";
import { DaysChart } from "./DaysChart";
import { LiftChart } from "./LiftChart";
import { KINDS, kindWords, liftWords, share, verdictOf } from "./words";

type Source = Told["source"];
const SOURCES: [Source, string][] = [
  ["real", mark("Site and API")],
  ["site", mark("Member site")],
  ["api", mark("API")],
  ["generated", mark("Generated")],
];
const PERIODS = [7, 30, 90];

export function Measurement() {
  return (
    <Guarded permission="overview:read" title={t("What they bring")}>
      <Screen />
    </Guarded>
  );
}

function useMeasured(view: View, source: Source, enabled = true) {
  const brand = useBrand();
  const query = {
    first: dayBefore(view.days - 1),
    last: dayBefore(0),
    source,
    kind: view.kind || null,
    placement: view.placement || null,
  };
  const found = useQuery({
    queryKey: ["measurement", brand, query],
    queryFn: () => call<Told>("GET", `/${brand}/recommendations/measurement`, { query }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
    enabled,
  });
  return { found, query };
}

interface View {
  days: number;
  source: string;
  kind: string;
  placement: string;
}

function Screen() {
  const brand = useBrand();
  const [view, setView] = useUrlState({ days: 30, source: "", kind: "", placement: "" });
  const real = useMeasured(view, (view.source || "real") as Source);
  // Where nobody was shown anything yet, what was generated is there to look at, and says so.
  const bare = view.source === "" && real.found.data?.lines.length === 0;
  const instead = bare && (real.found.data?.sources.generated ?? 0) > 0;
  const generated = useMeasured(view, "generated", instead);
  const { found, query } = instead && generated.found.data ? generated : real;
  const told = found.data;
  const file = new URLSearchParams(
    Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );
  return (
    <Page
      title={t("What they bring")}
      crumbs={[{ title: t("Recommendations"), to: "/recommendations" }]}
      lead={t("What was shown, followed and taken up, and what it made of members who saw it.")}
      width="full"
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      actions={
        <Button
          component="a"
          variant="default"
          href={`/api/admin/v1/${brand}/recommendations/measurement.csv?${file}`}
          leftSection={<Download size={16} aria-hidden />}
        >
          {t("As CSV")}
        </Button>
      }
    >
      {told ? (
        <Stack gap="lg">
          <Filters told={told} view={view} setView={setView} />
          {told.source === "generated" ? <Generated told={told} /> : null}
          {told.lines.length ? <Content told={told} /> : <Nothing told={told} />}
        </Stack>
      ) : null}
    </Page>
  );
}

function Filters({
  told,
  view,
  setView,
}: {
  told: Told;
  view: View;
  setView: (change: Partial<View>) => void;
}) {
  return (
    <Group gap="xs" align="flex-end">
      <Select
        size="sm"
        w={150}
        label={t("Period")}
        data={PERIODS.map((n) => ({
          value: String(n),
          label: tn("Last {n} day", "Last {n} days", n),
        }))}
        value={String(view.days)}
        onChange={(n) => setView({ days: Number(n ?? 30) })}
        allowDeselect={false}
      />
      <Select
        size="sm"
        w={220}
        label={t("Told by")}
        data={SOURCES.map(([value, words]) => {
          const n =
            value === "real" ? told.sources.site + told.sources.api : told.sources[value as "site"];
          return { value, label: `${td(words)} (${formatNumber(n)})` };
        })}
        value={told.source}
        onChange={(source) => setView({ source: source ?? "" })}
        allowDeselect={false}
      />
      <Select
        size="sm"
        w={190}
        label={t("Kind")}
        placeholder={t("All kinds")}
        data={Object.keys(KINDS).map((kind) => ({ value: kind, label: kindWords(kind) }))}
        value={view.kind || null}
        onChange={(kind) => setView({ kind: kind ?? "" })}
        clearable
      />
      <Select
        size="sm"
        w={190}
        label={t("Placement")}
        placeholder={t("All placements")}
        data={told.placements.map((one) => ({ value: one.key, label: one.name }))}
        value={view.placement || null}
        onChange={(placement) => setView({ placement: placement ?? "" })}
        clearable
      />
    </Group>
  );
}

function Generated({ told }: { told: Told }) {
  return (
    <Alert
      color="orange"
      icon={<FlaskConical size={18} aria-hidden />}
      title={t("Generated rows, to look at")}
    >
      {t(
        "No member saw any of this. {n} events were made by a generator between {first} and {last}; they are never counted among those of the site and the API.",
        {
          n: formatNumber(told.sources.generated),
          first: formatDay(told.first),
          last: formatDay(told.last),
        },
      )}
    </Alert>
  );
}

function Nothing({ told }: { told: Told }) {
  return (
    <Card>
      <EmptyState title={t("Nothing was told in this period")} icon={ChartNoAxesCombined}>
        <Text size="sm">
          {t(
            "As soon as the member site or one of your systems shows a recommendation and says so, it is counted here.",
          )}
        </Text>
        {told.sources.generated && told.source !== "generated" ? (
          <Text size="sm" mt={4}>
            {tn(
              "There is {n} generated event; choose “Generated” above to look at it.",
              "There are {n} generated events; choose “Generated” above to look at them.",
              told.sources.generated,
            )}
          </Text>
        ) : null}
      </EmptyState>
    </Card>
  );
}

function Content({ told }: { told: Told }) {
  const names = new Map(told.placements.map((one) => [one.key, one.name]));
  const placement = (key: string | null) =>
    key === null ? t("All placements") : (names.get(key) ?? key);
  const drawn = told.lines.some((one) => one.placement === null && one.lift !== null);
  return (
    <>
      <Card
        title={t("Lift")}
        lead={t(
          "How much likelier a member was to take something up for seeing what was chosen for them, against members of the holdout, who saw the baseline.",
        )}
      >
        {drawn ? <LiftChart told={told} placement={placement} /> : <TooLittle told={told} />}
      </Card>
      <Card title={t("By day")}>
        <DaysChart told={told} />
      </Card>
      <Lines told={told} placement={placement} />
    </>
  );
}

/** Why there is no lift, in words. */
function TooLittle({ told }: { told: Told }) {
  const held = told.lines.some((one) => one.holdout.reached > 0);
  return (
    <EmptyState
      title={held ? t("Too little to tell yet") : t("Nobody is in the holdout yet")}
      icon={ChartNoAxesCombined}
    >
      {held
        ? t(
            "In each group at least {n} members have to take something up, and as many not. Wait, or look at a longer period.",
            { n: told.outcomesMin },
          )
        : t(
            "A kind's holdout is the share of members who see the baseline. Give a kind one, and the lift can be measured.",
          )}
    </EmptyState>
  );
}

function Lines({ told, placement }: { told: Told; placement: (key: string | null) => string }) {
  const number = (
    key: string,
    title: string,
    value: (one: MeasuredLine) => number,
    phone: "line" | "hide" = "line",
  ): Column<MeasuredLine> => ({
    key,
    title,
    width: "84px",
    align: "end",
    phone,
    value,
    render: (one) => <Figure n={value(one)} />,
  });
  const arm = (key: "shown" | "holdout", title: string): Column<MeasuredLine> => ({
    key,
    title,
    width: "104px",
    align: "end",
    value: (one) => one[key].rate / 1_000_000,
    render: (one) => (
      <span className="figures">{one[key].reached ? share(one[key].rate) : "–"}</span>
    ),
  });
  const columns: Column<MeasuredLine>[] = [
    {
      key: "kind",
      title: t("Kind"),
      width: "minmax(164px, 1fr)",
      phone: "title",
      value: (one) => kindWords(one.kind),
      render: (one) => kindWords(one.kind),
    },
    {
      key: "placement",
      title: t("Placement"),
      width: "minmax(136px, 1fr)",
      value: (one) => placement(one.placement),
      render: (one) =>
        one.placement === null ? <b>{placement(null)}</b> : placement(one.placement),
    },
    number("impressions", t("Shown"), (one) => one.impressions),
    number("clicks", t("Followed"), (one) => one.clicks),
    number("conversions", t("Taken up"), (one) => one.conversions),
    arm("shown", t("Of the shown")),
    arm("holdout", t("Of the holdout")),
    {
      key: "lift",
      title: t("Lift, with {n} % interval", { n: told.level }),
      width: "198px",
      align: "end",
      value: (one) => (one.lift === null ? null : one.lift / 1_000_000),
      render: (one) => <span className="figures">{one.lift === null ? "–" : liftWords(one)}</span>,
    },
    {
      key: "verdict",
      title: t("Verdict"),
      width: "188px",
      value: (one) => verdictOf(one).words,
      render: (one) => <State tone={verdictOf(one).tone}>{verdictOf(one).words}</State>,
    },
    {
      ...number("reached", t("Members shown"), (one) => one.shown.reached, "hide"),
      optional: true,
    },
    {
      ...number("held", t("Members held out"), (one) => one.holdout.reached, "hide"),
      optional: true,
    },
    {
      ...number("mixed", t("In both groups"), (one) => one.mixed, "hide"),
      optional: true,
    },
  ];
  return (
    <DataTable
      id="measurement"
      label={t("What they bring")}
      columns={columns}
      rows={told.lines}
      rowKey={(one) => `${one.kind} ${one.placement ?? ""}`}
      height="640px"
      tools={<Text fw={600}>{t("By kind and placement")}</Text>}
    />
  );
}

/** A day of this calendar, so many days ago, as the API writes it. */
function dayBefore(days: number): string {
  const at = new Date();
  at.setDate(at.getDate() - days);
  return new Intl.DateTimeFormat("sv-SE", { timeZone: programmeZone() }).format(at);
}
