import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useGo } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { actOnChangeSet } from "@/basket/api";
import { useChangeSetNews } from "@/basket/news";
import { type ChangeSet, EDITABLE } from "@/basket/types";
import { t, tn } from "@/i18n";
import { useConfirm } from "@/ui/Confirm";
import { done } from "@/ui/notices";
import { Card } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Schedule } from "./Schedule";

/** The decision at the foot of the letter: what this person may do with the set now. */
export function Actions({ set }: { set: ChangeSet }) {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const confirm = useConfirm();
  const news = useChangeSetNews();
  const [comment, setComment] = useState("");
  const [planning, setPlanning] = useState(false);
  const act = useMutation({
    mutationFn: ({ step, body }: { step: string; body?: Record<string, unknown> }) =>
      actOnChangeSet(brand, set.id, step, body),
    onSuccess: (fresh, { step }) => {
      news(fresh);
      setComment("");
      done(doneWords(step, fresh));
      if (step === "discard") void go("/changes");
    },
    meta: { shown: true },
  });
  const mayPublish = me.may("parameters:publish");
  const mayPropose = me.may("parameters:propose");
  const own = set.editors.some((e) => e.id === me.id);
  const errors = set.findings.filter((f) => f.severity === "error").length;
  const blocked = errors > 0 || set.conflicts.length > 0 || set.edits.length === 0;
  const seen = { rowVersion: set.rowVersion };
  const run = (step: string, body?: Record<string, unknown>) =>
    act.mutate(body ? { step, body } : { step });

  const publish = async () => {
    const sure = await confirm({
      title: t("Publish now?"),
      consequence: tn(
        "{n} change is live for all members within a second. It can be rolled back.",
        "{n} changes are live for all members within a second. They can be rolled back.",
        set.edits.length,
      ),
      act: t("Publish now"),
    });
    if (sure) run("publish", { ...seen, rebase: true });
  };
  const discard = async () => {
    const sure = await confirm({
      title: t("Throw this change set away?"),
      consequence: t("What is in force stays as it is. The set stays in the list, closed."),
      act: t("Throw away"),
      danger: true,
    });
    if (sure) run("discard");
  };

  const ready = EDITABLE.has(set.state);
  const alone = ready && mayPublish && !set.needsApproval;
  const publishable = set.state === "approved" || alone;
  const decides = set.state === "in_review" && mayPublish;
  if (["published", "superseded", "discarded"].includes(set.state)) return null;
  if (set.state === "scheduled" && (!mayPublish || set.rolloutPercent !== null)) return null;
  return (
    <Card title={t("Decide")}>
      <Stack>
        {ready && errors ? (
          <Alert color="red" variant="light">
            {tn(
              "{n} finding stops publishing: mend it first.",
              "{n} findings stop publishing: mend them first.",
              errors,
            )}
          </Alert>
        ) : null}
        {set.state === "in_review" && own ? (
          <Text size="sm">
            {t("You had a hand in this set, so that somebody else has to decide it.")}
          </Text>
        ) : null}
        {set.state === "in_review" && !mayPublish ? (
          <Text size="sm">{t("Somebody who may publish decides it.")}</Text>
        ) : null}
        {(ready && mayPropose) || decides ? (
          <Textarea
            label={decides ? t("Comment") : t("Note to whoever reviews it")}
            description={decides ? t("Needed when you return it.") : undefined}
            value={comment}
            maxLength={2000}
            autosize
            minRows={2}
            onChange={(e) => setComment(e.currentTarget.value)}
          />
        ) : null}
        {act.error ? <Problem error={act.error} /> : null}
        {planning ? (
          <Schedule
            pending={act.isPending}
            close={() => setPlanning(false)}
            schedule={(body) => run("schedule", { ...seen, ...body })}
            problem={act.error}
          />
        ) : null}
        <Group>
          {decides ? (
            <>
              <Button
                disabled={own || blocked}
                loading={act.isPending && act.variables?.step === "approve"}
                onClick={() => run("approve", { ...seen, comment })}
              >
                {t("Approve")}
              </Button>
              <Button
                variant="default"
                disabled={!comment.trim()}
                loading={act.isPending && act.variables?.step === "return"}
                onClick={() => run("return", { ...seen, comment })}
              >
                {t("Return")}
              </Button>
            </>
          ) : null}
          {publishable && mayPublish ? (
            <>
              <Button
                disabled={blocked}
                loading={act.isPending && act.variables?.step === "publish"}
                onClick={() => void publish()}
              >
                {t("Publish now")}
              </Button>
              <Button variant="default" disabled={blocked} onClick={() => setPlanning(true)}>
                {t("Schedule")}
              </Button>
            </>
          ) : null}
          {ready && mayPropose ? (
            <Button
              variant={alone ? "default" : "filled"}
              disabled={set.edits.length === 0 || errors > 0}
              loading={act.isPending && act.variables?.step === "submit"}
              onClick={() => run("submit", { ...seen, comment })}
            >
              {t("Submit for review")}
            </Button>
          ) : null}
          {set.state === "scheduled" ? (
            <Button variant="default" loading={act.isPending} onClick={() => run("unschedule")}>
              {t("Take off the schedule")}
            </Button>
          ) : null}
          {ready && mayPropose ? (
            <Button variant="subtle" color="red" onClick={() => void discard()}>
              {t("Throw away")}
            </Button>
          ) : null}
        </Group>
      </Stack>
    </Card>
  );
}

function doneWords(step: string, fresh: ChangeSet): string {
  switch (step) {
    case "submit":
      return t("Submitted. Whoever may publish sees it on the overview.");
    case "approve":
      return t("Approved. It can be published or scheduled now.");
    case "return":
      return t("Returned with your comment.");
    case "publish":
      return t("Published as version {n}.", { n: fresh.publishedVersion ?? "" });
    case "schedule":
      return t("Scheduled.");
    case "unschedule":
      return t("Taken off the schedule. It can be edited again.");
    default:
      return t("The changes are thrown away. What is in force stays as it is.");
  }
}
