import { Stack, Text, Timeline } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Suspense } from "react";
import { Guarded } from "@/app/frames";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { changeSetOptions, editChangeSet } from "@/basket/api";
import { EditList, FindingLine } from "@/basket/EditList";
import { personName, RiskBadge, StateBadge } from "@/basket/labels";
import { useChangeSetNews } from "@/basket/news";
import { EDITABLE, type ChangeSet as Set_ } from "@/basket/types";
import { t, tn } from "@/i18n";
import { formatDateTime, programmeZone } from "@/i18n/formats";
import { REVIEW_PARTS } from "@/reviewParts";
import { EmptyState } from "@/ui/EmptyState";
import { showProblem } from "@/ui/notices";
import { Card, Page, Waiting } from "@/ui/Page";
import { When } from "@/ui/Values";
import { Actions } from "./Actions";
import { Conflicts } from "./Conflicts";
import { stepWords } from "./steps";
import { Title } from "./Title";

/** A change set as a letter: what changes, for whom, from when; then the decision. */
export function ChangeSet() {
  return (
    <Guarded permission="parameters:read" title={t("Change set")}>
      <Letter />
    </Guarded>
  );
}

function Letter() {
  const brand = useBrand();
  const { changeSet: id = "" } = useParams({ strict: false }) as { changeSet?: string };
  const found = useQuery({ ...changeSetOptions(brand, id), refetchInterval: 20_000 });
  const set = found.data;
  return (
    <Page
      title={set?.title ?? t("Change set")}
      crumbs={[{ title: t("Change sets"), to: "/changes" }]}
      badge={
        set ? (
          <>
            <StateBadge state={set.state} />
            <RiskBadge risk={set.risk} />
          </>
        ) : null
      }
      lead={set ? <Lead set={set} /> : null}
      actions={set ? <Title set={set} /> : null}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {set ? <Content key={set.id} set={set} /> : null}
    </Page>
  );
}

function Lead({ set }: { set: Set_ }) {
  const who = personName(set.author);
  const count = tn("{n} change", "{n} changes", set.edits.length);
  const first = t("{count} by {who}, begun from version {version}.", {
    count,
    who,
    version: set.baseVersion,
  });
  return (
    <>
      {first} {moment(set)}
      {set.note ? (
        <Text component="span" display="block" mt={6} c="var(--text)">
          {set.note}
        </Text>
      ) : null}
    </>
  );
}

function moment(set: Set_): string {
  const version = String(set.publishedVersion ?? "");
  const when = set.effectiveAt ? formatDateTime(set.effectiveAt) : "";
  switch (set.state) {
    case "scheduled":
      if (set.rolloutPercent !== null) {
        return t("Rolled out to {n} % of the members as version {version}.", {
          n: set.rolloutPercent,
          version,
        });
      }
      return t("Takes effect {when} ({zone}) as version {version}.", {
        when,
        version,
        zone: programmeZone(),
      });
    case "published":
      return t("In force since {when} as version {version}.", { when, version });
    case "superseded":
      return t("Was in force from {when} as version {version}.", { when, version });
    case "in_review":
      return t("Waits for somebody else to decide.");
    case "approved":
      return t("Approved, and not yet live.");
    default:
      return t("Nothing of this is live.");
  }
}

function Content({ set }: { set: Set_ }) {
  const brand = useBrand();
  const me = useMe();
  const news = useChangeSetNews();
  const editable = EDITABLE.has(set.state) && me.may("parameters:propose");
  const client = useQueryClient();
  const parts = REVIEW_PARTS.filter((p) => me.may(p.permission));
  const prepared = useQuery({
    queryKey: ["review-parts", brand, set.id],
    queryFn: () => Promise.allSettled(parts.map((p) => p.prepare(client, brand, set))),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const elsewhere = set.findings.filter((f) => !set.edits.some((e) => e.path === f.path));
  const revert = async (path: string) => {
    try {
      news(await editChangeSet(brand, set.id, set.rowVersion, [{ path, revert: true }]));
    } catch (failed) {
      showProblem(failed);
    }
  };
  if (prepared.isPending) return <Waiting lines={8} />;
  return (
    <Stack gap="lg">
      {set.conflicts.length ? <Conflicts key={set.rowVersion} set={set} /> : null}
      <Card title={t("What changes")}>
        {set.edits.length ? (
          <EditList
            edits={set.edits}
            findings={set.findings}
            {...(editable ? { onRevert: (path) => void revert(path) } : {})}
          />
        ) : (
          <EmptyState title={t("Nothing is changed yet")}>
            {t("Change a setting on any screen of the programme.")}
          </EmptyState>
        )}
      </Card>
      {elsewhere.length ? (
        <Card title={t("What else the rules say")}>
          <Stack gap="xs">
            {elsewhere.map((f) => (
              <FindingLine key={f.path + f.code} finding={f} place />
            ))}
          </Stack>
        </Card>
      ) : null}
      {parts.map(({ key, component }) => {
        const Part = component();
        return (
          <Suspense key={key} fallback={<Waiting />}>
            <Part changeSet={set} />
          </Suspense>
        );
      })}
      <Actions set={set} />
      <Card title={t("What happened so far")}>
        <Timeline bulletSize={14} lineWidth={2} active={set.steps.length}>
          {set.steps.map((step) => (
            <Timeline.Item
              key={step.kind + step.at}
              title={
                <Text size="sm" component="span">
                  {stepWords(step.kind, personName(step.by))}
                </Text>
              }
            >
              {step.comment ? (
                <Text size="sm" component="blockquote" m={0} mt={2} c="var(--text)">
                  “{step.comment}”
                </Text>
              ) : null}
              <Text size="xs" c="var(--muted)">
                <When at={step.at} />
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
        {set.publishedVersion ? (
          <Text size="sm" mt="md">
            <Go to={`/versions/${set.publishedVersion}`}>
              {t("Version {n} in the history", { n: set.publishedVersion })}
            </Go>
          </Text>
        ) : null}
      </Card>
    </Stack>
  );
}
