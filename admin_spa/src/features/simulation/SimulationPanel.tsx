import { Group, Stack, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import type { Prepare } from "@/reviewParts";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State, When } from "@/ui/Values";
import { atWork, reportOptions, runsOptions, type Simulation, type Tried } from "./api";
import { Figures } from "./Figures";
import { Preview } from "./Preview";
import { Progress } from "./Progress";
import { Start } from "./Start";
import { stateWords } from "./words";

/** On the page of a change set: what it would look like, and what it would have done. */
export function Part({ changeSet }: { changeSet: Tried }) {
  const me = useMe();
  return (
    <>
      <Card title={t("Preview")} lead={t("The member site as this change would make it")}>
        <Preview changeSet={changeSet} framed={false} />
      </Card>
      {me.may("simulation:run") ? <BackTest changeSet={changeSet} /> : null}
    </>
  );
}

export const prepare: Prepare = async (client, brand, changeSet) => {
  const runs = await client.fetchQuery(runsOptions(brand, changeSet.id, changeSet.rowVersion));
  const latest = runs.items[0];
  if (latest?.state === "done") await client.prefetchQuery(reportOptions(brand, latest));
};

function BackTest({ changeSet }: { changeSet: Tried }) {
  const brand = useBrand();
  const runs = useQuery({
    ...runsOptions(brand, changeSet.id, changeSet.rowVersion),
    placeholderData: keepPreviousData,
  });
  const latest = runs.data?.items[0];
  return (
    <Card
      title={t("Back-test")}
      lead={t("Real events of the last days, run under this change")}
      actions={
        latest ? <Go to={`/changes/${changeSet.id}/simulation`}>{t("Whole report")}</Go> : null
      }
    >
      {runs.error ? <Problem error={runs.error} retry={() => void runs.refetch()} /> : null}
      {runs.isPending ? <Waiting lines={2} /> : null}
      {runs.data ? (
        <Stack gap="md">
          <Start changeSet={changeSet} busy={Boolean(latest && atWork(latest))} />
          {latest ? <Latest run={latest} /> : null}
        </Stack>
      ) : null}
    </Card>
  );
}

function Latest({ run }: { run: Simulation }) {
  const brand = useBrand();
  const report = useQuery({ ...reportOptions(brand, run), enabled: run.state === "done" });
  const state = stateWords(run);
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <State tone={state.tone}>{state.text}</State>
        <Text size="sm" c="var(--muted)">
          {run.requestedByName} · <When at={run.requestedAt} ago />
        </Text>
      </Group>
      <Progress run={run} />
      {report.data ? <Figures report={report.data} short /> : null}
    </Stack>
  );
}
