import { Select, Stack, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { FlaskConical } from "lucide-react";
import { Guarded } from "@/app/frames";
import { useUrlState } from "@/app/links";
import { useBrand } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { call } from "@/lib/http";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { atWork, type Simulation as Run, runsOptions, type Tried } from "./api";
import { Preview } from "./Preview";
import { Progress } from "./Progress";
import { Report } from "./Report";
import { Start } from "./Start";
import { stateWords } from "./words";

/** Trying a change set: the back-test's report, and the site as it would be. */
export function Simulation() {
  return (
    <Guarded permission="simulation:run" title={t("Try the change")}>
      <Trial />
    </Guarded>
  );
}

function Trial() {
  const brand = useBrand();
  const { changeSet: id = "" } = useParams({ strict: false }) as { changeSet?: string };
  const [view, setView] = useUrlState({ run: "", show: "report" });
  const found = useQuery({
    queryKey: ["change-set", brand, id],
    queryFn: () => call<Tried>("GET", `/${brand}/change-sets/${id}`),
  });
  const changeSet = found.data;
  const runs = useQuery({
    ...runsOptions(brand, id, changeSet?.rowVersion ?? 0),
    enabled: Boolean(changeSet),
  });
  const items = runs.data?.items ?? [];
  const run = items.find((r) => r.id === view.run) ?? items[0];
  return (
    <Page
      title={t("Try the change")}
      lead={changeSet?.title}
      crumbs={[
        { title: t("Change sets"), to: "/changes" },
        { title: changeSet?.title ?? "…", to: `/changes/${id}` },
      ]}
      width="full"
      loading={found.isPending || runs.isPending}
      error={found.error ?? runs.error}
      retry={() => void (found.error ? found.refetch() : runs.refetch())}
    >
      {changeSet ? (
        <Tabs value={view.show} onChange={(show) => setView({ show: show ?? "report" }, true)}>
          <Tabs.List mb="lg">
            <Tabs.Tab value="report">{t("Back-test")}</Tabs.Tab>
            <Tabs.Tab value="site">{t("Preview")}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="report">
            <Stack gap="lg">
              <Card
                actions={
                  items.length > 1 ? (
                    <Select
                      aria-label={t("Run")}
                      size="sm"
                      w={300}
                      allowDeselect={false}
                      value={run?.id ?? null}
                      onChange={(chosen) => setView({ run: chosen ?? "" }, true)}
                      data={items.map((r) => ({ value: r.id, label: runLabel(r) }))}
                    />
                  ) : null
                }
                title={t("Real events, run again")}
              >
                <Stack gap="md">
                  <Start
                    changeSet={changeSet}
                    busy={items.some(atWork)}
                    started={(made) => setView({ run: made.id })}
                  />
                  {run ? <Progress run={run} /> : null}
                </Stack>
              </Card>
              {run?.state === "done" ? <Report key={run.id} run={run} /> : null}
              {items.length === 0 ? (
                <EmptyState title={t("Not tried yet")} icon={FlaskConical}>
                  {t(
                    "Run the events of the last days to see what this change does to points, tiers, prices and members. Nothing is written.",
                  )}
                </EmptyState>
              ) : null}
            </Stack>
          </Tabs.Panel>
          <Tabs.Panel value="site">
            <Card title={t("The member site with this change")}>
              <Preview changeSet={changeSet} />
            </Card>
          </Tabs.Panel>
        </Tabs>
      ) : null}
    </Page>
  );
}

function runLabel(run: Run): string {
  return `${formatDateTime(run.requestedAt)} · ${tn("{n} day", "{n} days", run.days)} · ${stateWords(run).text}`;
}
