import { Alert, Button, Group, SimpleGrid, Slider, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Split } from "lucide-react";
import { useState } from "react";
import type { Rollout, RolloutDifference, RolloutReport, RolloutSide } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { useConfirm } from "@/ui/Confirm";
import { EmptyState } from "@/ui/EmptyState";
import { done, showProblem } from "@/ui/notices";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Figure, Points, State, When } from "@/ui/Values";
import classes from "./RolloutPanel.module.css";

const MARKS = [5, 25, 50, 75].map((value) => ({ value, label: `${value} %` }));

/** Starts, widens, compares and ends the rollout of one change set. */
export function RolloutPanel({
  changeSetId,
  rowVersion,
  open,
}: {
  changeSetId: string;
  rowVersion: number;
  /** The change set can be rolled out: it is not published, scheduled or discarded. */
  open: boolean;
}) {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const where = `/${brand}/change-sets/${changeSetId}/rollout`;
  const report = useQuery({
    queryKey: ["rollout", brand, changeSetId],
    queryFn: async () => {
      try {
        return await call<RolloutReport>("GET", where);
      } catch (thrown) {
        if (asProblem(thrown).code === "no_rollout") return null;
        throw thrown;
      }
    },
  });
  const refresh = () => client.invalidateQueries();
  if (report.error) return <Problem error={report.error} retry={() => void report.refetch()} />;
  if (report.isPending) return <Waiting />;
  const told = report.data;
  const running = told && !told.rollout.endedAt ? told.rollout : null;
  const publishes = me.may("parameters:publish");
  return (
    <Stack>
      {running ? (
        <Running rollout={running} where={where} publishes={publishes} refresh={refresh} />
      ) : open && publishes ? (
        <Start where={where} rowVersion={rowVersion} refresh={refresh} />
      ) : told ? null : (
        <EmptyState title={t("This change was never rolled out")} icon={Split}>
          {t("Somebody who may publish can give an open change to some members first.")}
        </EmptyState>
      )}
      {told ? <Compared report={told} /> : null}
    </Stack>
  );
}

function Start({
  where,
  rowVersion,
  refresh,
}: {
  where: string;
  rowVersion: number;
  refresh: () => Promise<void>;
}) {
  const [percent, setPercent] = useState(10);
  const start = useMutation({
    mutationFn: () => call<Rollout>("POST", where, { body: { percent, rowVersion } }),
    onSuccess: async () => {
      done(t("{n} % of the members have it within a second.", { n: percent }));
      await refresh();
    },
    meta: { shown: true },
  });
  return (
    <Card
      title={t("Try it on some members first")}
      lead={t(
        "They earn and pay by the change at once; the others notice nothing. You can widen, stop or promote it at any time.",
      )}
    >
      <Stack>
        <Share value={percent} set={setPercent} />
        {start.error ? <Problem error={start.error} /> : null}
        <Group>
          <Button loading={start.isPending} onClick={() => start.mutate()}>
            {t("Give it to {n} % of the members", { n: percent })}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}

function Share({ value, set }: { value: number; set: (percent: number) => void }) {
  return (
    <div className={classes.share}>
      <Text size="sm" fw={550} id="rollout-share">
        {t("Share of the members")}
      </Text>
      <Slider
        min={1}
        max={99}
        value={value}
        onChange={set}
        marks={MARKS}
        label={(n) => `${n} %`}
        thumbProps={{ "aria-labelledby": "rollout-share" }}
      />
    </div>
  );
}

function Running({
  rollout,
  where,
  publishes,
  refresh,
}: {
  rollout: Rollout;
  where: string;
  publishes: boolean;
  refresh: () => Promise<void>;
}) {
  const confirm = useConfirm();
  const [percent, setPercent] = useState(rollout.percent || 1);
  const act = async (path: string, said: string, body?: unknown) => {
    try {
      await call(path === "" ? "PATCH" : "POST", `${where}${path}`, body ? { body } : {});
      done(said);
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  const promote = async () => {
    const yes = await confirm({
      title: t("Put “{name}” in force for all members?", { name: rollout.title }),
      consequence: t(
        "The other {n} % of the members have it within a second too. Going back is one click in the version history.",
        {
          n: 100 - rollout.percent,
        },
      ),
      act: t("Promote it"),
    });
    if (yes) await act("/promote", t("It is in force for everybody."));
  };
  const stop = async () => {
    const yes = await confirm({
      title: t("Stop the rollout of “{name}”?", { name: rollout.title }),
      consequence: t(
        "Everybody has what is in force again within a second. Points already earned and redemptions already made stay as they are. The change becomes a draft.",
      ),
      act: t("Stop the rollout"),
      danger: true,
    });
    if (yes) await act("/stop", t("The rollout is stopped."));
  };
  return (
    <Card
      title={
        rollout.members.length
          ? tn(
              "{n} % of the members and {named} member by name have it",
              "{n} % of the members and {named} members by name have it",
              rollout.members.length,
              { n: rollout.percent, named: rollout.members.length },
            )
          : t("{n} % of the members have it", { n: rollout.percent })
      }
      lead={
        <>
          {t("Since")} <When at={rollout.startedAt} />
        </>
      }
      actions={<State tone="info">{t("Under way")}</State>}
    >
      {publishes ? (
        <Stack>
          <Share value={percent} set={setPercent} />
          <Group>
            <Button
              variant="default"
              disabled={percent === rollout.percent}
              onClick={() =>
                void act("", t("{n} % of the members have it within a second.", { n: percent }), {
                  percent,
                  members: rollout.members,
                })
              }
            >
              {t("Change to {n} %", { n: percent })}
            </Button>
            <Button onClick={() => void promote()}>{t("Promote it")}</Button>
            <Button variant="subtle" color="red" onClick={() => void stop()}>
              {t("Stop the rollout")}
            </Button>
          </Group>
        </Stack>
      ) : (
        <Text size="sm" c="var(--muted)">
          {t("Somebody who may publish can widen, stop or promote it.")}
        </Text>
      )}
    </Card>
  );
}

function Compared({ report }: { report: RolloutReport }) {
  const most = Math.max(
    report.inside.earnedMean,
    report.outside.earnedMean,
    report.inside.redeemedMean,
    report.outside.redeemedMean,
    1,
  );
  return (
    <Card
      title={t("What it brings")}
      lead={t("Members who earned or redeemed since the start, and what each did on average.")}
      actions={<Outcome of={report.rollout} />}
    >
      <Stack>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Bars
            title={t("Points earned a member")}
            inside={report.inside.earnedMean}
            outside={report.outside.earnedMean}
            most={most}
            difference={report.earned ?? null}
          />
          <Bars
            title={t("Points redeemed a member")}
            inside={report.inside.redeemedMean}
            outside={report.outside.redeemedMean}
            most={most}
            difference={report.redeemed ?? null}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <Totals title={t("With the change")} side={report.inside} />
          <Totals title={t("Without it")} side={report.outside} />
        </SimpleGrid>
      </Stack>
    </Card>
  );
}

function Outcome({ of: rollout }: { of: Rollout }) {
  if (rollout.outcome === "promoted") return <State tone="positive">{t("Promoted")}</State>;
  if (rollout.outcome === "stopped") return <State>{t("Stopped")}</State>;
  return null;
}

function Bars({
  title,
  inside,
  outside,
  most,
  difference,
}: {
  title: string;
  inside: number;
  outside: number;
  most: number;
  difference: RolloutDifference | null;
}) {
  return (
    <div>
      <Text fw={550} mb={6}>
        {title}
      </Text>
      <Bar label={t("With the change")} value={inside} most={most} accent />
      <Bar label={t("Without it")} value={outside} most={most} />
      <Alert mt="sm" variant="light" color={tone(difference)} p="xs">
        <Text size="sm">{verdict(difference)}</Text>
      </Alert>
    </div>
  );
}

function Bar({
  label,
  value,
  most,
  accent,
}: {
  label: string;
  value: number;
  most: number;
  accent?: boolean;
}) {
  return (
    <div className={classes.bar}>
      <Text size="sm">{label}</Text>
      <div className={classes.track} aria-hidden>
        <div
          className={accent ? classes.accent : classes.plain}
          style={{ width: `${Math.max(0, Math.min(100, (value / most) * 100))}%` }}
        />
      </div>
      <Figure n={value} maximumFractionDigits={1} />
    </div>
  );
}

function tone(difference: RolloutDifference | null): string {
  if (!difference || difference.verdict === "inconclusive") return "gray";
  return difference.verdict === "more" ? "green" : "orange";
}

function verdict(difference: RolloutDifference | null): string {
  if (!difference) return t("Too early to tell: each side needs at least 30 active members.");
  const range = {
    low: formatNumber(difference.low, { maximumFractionDigits: 1 }),
    high: formatNumber(difference.high, { maximumFractionDigits: 1 }),
  };
  if (difference.verdict === "inconclusive") {
    return t("No clear difference: between {low} and {high} points a member (95 %).", range);
  }
  return difference.verdict === "more"
    ? t("More with the change: between {low} and {high} points a member (95 %).", range)
    : t("Less with the change: between {low} and {high} points a member (95 %).", range);
}

function Totals({ title, side }: { title: string; side: RolloutSide }) {
  return (
    <div>
      <Text size="sm" c="var(--muted)">
        {title}
      </Text>
      <Text>{tn("{n} active member", "{n} active members", side.members)}</Text>
      <Text size="sm">
        {t("Earned:")} <Points n={side.earned} /> · {t("Redeemed:")} <Points n={side.redeemed} />
      </Text>
    </div>
  );
}
