/** What the engine learnt: versions, what they are worth, and which one serves. */

import { Alert, Button, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BrainCircuit } from "lucide-react";
import type { LearntModel, LearntModels, TrainingNow } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand, useMe } from "@/app/me";
import { mark, t, td, tn } from "@/i18n";
import { formatDate, formatNumber, formatPercent } from "@/i18n/formats";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { EmptyState } from "@/ui/EmptyState";
import { done, showProblem } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { State, type Tone, When } from "@/ui/Values";
import { ModelChart } from "./ModelChart";
import classes from "./Models.module.css";
import { methodWords } from "./words";

const LOOK_MS = 2_000;
const STATES: Record<string, { tone: Tone; words: string }> = {
  in_force: { tone: "positive", words: mark("In force") },
  superseded: { tone: "neutral", words: mark("Served before") },
  refused: { tone: "warning", words: mark("Refused") },
};
const REASONS: Record<string, string> = {
  too_little_data: mark("There is too little to learn from yet."),
  no_better_than_popularity: mark("It foretells no better than what everybody sees alike."),
};
const STEPS: Record<string, string> = {
  export: mark("reading what members did"),
  take_in: mark("taking it in"),
  lists: mark("making each member's list"),
  neighbours: mark("looking for products that go together"),
  write: mark("writing the model"),
  weigh: mark("weighing"),
};

export function Models() {
  return (
    <Guarded permission="parameters:read" title={t("Models")}>
      <Screen />
    </Guarded>
  );
}

function Screen() {
  const brand = useBrand();
  const me = useMe();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const path = `/${brand}/recommendations/models`;
  const key = ["models", brand];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<LearntModels>("GET", path),
    refetchInterval: ({ state }) => (state.data && busy(state.data.training) ? LOOK_MS : false),
  });
  const act = useMutation({
    mutationFn: (what: string) => call<LearntModels>("POST", `${path}/${what}`),
    onSuccess: (told, what) => {
      queries.setQueryData(key, told);
      if (what !== "train") done(t("The model is in force."));
    },
    onError: showProblem,
    meta: { shown: true },
  });
  const may = me.may("parameters:publish");
  const told = found.data;
  const restore = async (one: LearntModel) => {
    const yes = await confirm({
      title: t("Put model {n} back in force?", { n: one.version }),
      act: t("Put it in force"),
      consequence: t(
        "Members see its products within a second. The model that serves now stays and can come back.",
      ),
    });
    if (yes) act.mutate(`${one.version}/restore`);
  };
  return (
    <Page
      title={t("Models")}
      crumbs={[{ title: t("Recommendations"), to: "/recommendations" }]}
      lead={t(
        "Which products each member may like, learnt every night from redemptions and views. A model that foretells no better than popularity is never put in force.",
      )}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      actions={
        may && told ? (
          <Button
            loading={act.isPending && act.variables === "train"}
            disabled={busy(told.training)}
            onClick={() => act.mutate("train")}
          >
            {t("Train now")}
          </Button>
        ) : null
      }
    >
      {told ? (
        <Stack gap="lg">
          <Under training={told.training} />
          {told.items.length ? (
            told.items.map((one) => (
              <Model
                key={one.version}
                one={one}
                {...(may && one.restorable ? { restore: () => void restore(one) } : {})}
              />
            ))
          ) : (
            <Card>
              <EmptyState title={t("No model yet")} icon={BrainCircuit}>
                {t(
                  "Until there is one, members see what is redeemed most. The first is trained in the coming night, or now.",
                )}
              </EmptyState>
            </Card>
          )}
        </Stack>
      ) : null}
    </Page>
  );
}

function busy(training: TrainingNow): boolean {
  return training.state === "queued" || training.state === "running";
}

function Under({ training }: { training: TrainingNow }) {
  if (training.state === "failed") {
    return (
      <Alert color="red" title={t("The last training failed")}>
        {training.error}
      </Alert>
    );
  }
  if (!busy(training)) return null;
  const ratio = training.total ? training.done / training.total : 0;
  const step = training.step
    ? td(
        STEPS[training.step] ??
          (training.step.startsWith("test_")
            ? mark("trying it on what came later")
            : training.step),
      )
    : "";
  return (
    <Card title={t("Training")}>
      <Stack gap={6} aria-live="polite">
        <Text size="sm">
          {training.state === "queued"
            ? t("Waiting for a worker; you may leave this page.")
            : t("At work: {step}", { step: step || t("beginning") })}{" "}
          {training.total ? <span className="figures">{formatPercent(ratio, 0)}</span> : null}
        </Text>
        <Progress value={training.total ? ratio * 100 : 100} animated aria-label={t("Progress")} />
      </Stack>
    </Card>
  );
}

function Model({ one, restore }: { one: LearntModel; restore?: () => void }) {
  const state = STATES[one.state];
  return (
    <Card
      title={
        <>
          {t("Model {n}", { n: one.version })} · {methodWords(one.method)}{" "}
          {state ? <State tone={state.tone}>{td(state.words)}</State> : null}
        </>
      }
      lead={
        <>
          <When at={one.madeAt} /> ·{" "}
          {one.madeBy === "schedule" ? t("by the nightly schedule") : one.madeBy}
        </>
      }
      actions={
        restore ? (
          <Button size="xs" variant="default" onClick={restore}>
            {t("Put it in force")}
          </Button>
        ) : null
      }
    >
      {one.reason ? <Text mb="sm">{td(REASONS[one.reason] ?? one.reason)}</Text> : null}
      <dl className={classes.facts}>
        <Fact name={t("Learnt from")}>
          {t("{events} events of {members} with {products}", {
            events: formatNumber(one.events),
            members: tn("{n} member", "{n} members", one.members),
            products: tn("{n} product", "{n} products", one.products),
          })}
        </Fact>
        <Fact name={t("Took")}>
          {t("{n} s", { n: formatNumber(one.seconds, { maximumFractionDigits: 1 }) })}
        </Fact>
        {one.evaluation ? (
          <>
            <Fact name={t("Tried on")}>
              {t("{members}, on what they redeemed from {day} on", {
                members: tn("{n} member", "{n} members", one.evaluation.testedMembers),
                day: formatDate(one.evaluation.splitAt),
              })}
            </Fact>
            <Fact name={t("Gain over popularity")}>
              {t("{gain} NDCG, ± {error}", {
                gain: decimal(one.evaluation.gain, true),
                error: decimal(one.evaluation.gainError),
              })}
            </Fact>
          </>
        ) : null}
      </dl>
      {one.evaluation ? (
        <ModelChart told={one.evaluation} />
      ) : (
        <Text size="sm" c="var(--muted)">
          {t("It was not evaluated.")}
        </Text>
      )}
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function decimal(value: number, sign = false): string {
  return formatNumber(value, {
    maximumFractionDigits: 4,
    ...(sign ? { signDisplay: "exceptZero" as const } : {}),
  });
}
