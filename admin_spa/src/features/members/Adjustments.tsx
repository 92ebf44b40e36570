import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ClipboardCheck } from "lucide-react";
import type { WaitingAdjustment, WaitingAdjustments } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, tx } from "@/i18n";
import { formatNumber, formatPoints } from "@/i18n/formats";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { EmptyState } from "@/ui/EmptyState";
import { done } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { State, When } from "@/ui/Values";
import classes from "./Member.module.css";

/** Corrections above the limit: a second person decides. */
export function Adjustments() {
  return (
    <Guarded permission="members:read" title={t("Corrections that wait")}>
      <Waiting />
    </Guarded>
  );
}

function Waiting() {
  const brand = useBrand();
  const me = useMe();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const key = ["adjustments", brand];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<WaitingAdjustments>("GET", `/${brand}/adjustments`),
  });
  const decide = useMutation({
    mutationFn: ({ id, act }: { id: string; act: "approve" | "reject" }) =>
      call<WaitingAdjustments>("POST", `/${brand}/adjustments/${id}/${act}`),
    onSuccess: (next, { act }) => {
      queries.setQueryData(key, next);
      void queries.invalidateQueries({ queryKey: ["member", brand] });
      done(act === "approve" ? t("Approved: the points are there.") : t("Turned down."));
    },
  });
  const ask = async (one: WaitingAdjustment, act: "approve" | "reject") => {
    const name = one.memberName ?? one.memberNumber ?? "–";
    const yes = await confirm({
      title: act === "approve" ? t("Approve this correction?") : t("Turn it down?"),
      act: act === "approve" ? t("Approve") : t("Turn down"),
      danger: act === "reject",
      consequence:
        act === "approve"
          ? t("{name}: {before} → {after}.", {
              name,
              before: formatNumber(one.balance),
              after: formatPoints(one.balance + one.points),
            })
          : t("{name} keeps {points}.", { name, points: formatPoints(one.balance) }),
    });
    if (yes) decide.mutate({ id: one.id, act });
  };
  return (
    <Page
      title={t("Corrections that wait")}
      crumbs={[{ title: t("Members"), to: "/members" }]}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      width="column"
      lead={
        found.data
          ? t("Above {limit} nobody corrects points alone.", {
              limit: formatPoints(found.data.approvalLimit),
            })
          : null
      }
    >
      {found.data?.items.length ? (
        <Stack>
          {found.data.items.map((one) => (
            <Card key={one.id}>
              <Group justify="space-between" align="start">
                <div>
                  {one.memberId ? (
                    <Go to={`/members/${one.memberId}`} fw={600}>
                      {one.memberName ?? one.memberNumber ?? "–"}
                    </Go>
                  ) : (
                    "–"
                  )}
                  <div className={classes.became}>
                    <span className="figures">{formatNumber(one.balance)}</span>
                    <span aria-hidden>→</span>
                    <span className="visually-hidden">{t("becomes")}</span>
                    <span className="figures">{formatPoints(one.balance + one.points)}</span>
                  </div>
                </div>
                <State tone={one.points > 0 ? "positive" : "warning"}>
                  {one.points > 0 ? "+" : ""}
                  {formatPoints(one.points)}
                </State>
              </Group>
              <Text mt="xs">“{one.reason}”</Text>
              <Text size="sm" c="var(--muted)" mb="sm">
                {tx("Asked for by {who}, {when}", {
                  who: <b>{one.own ? t("you") : one.requestedBy}</b>,
                  when: <When at={one.requestedAt} ago />,
                })}
              </Text>
              {one.own ? (
                <Text size="sm">{t("Another person has to decide.")}</Text>
              ) : me.may("members:approve_adjustment") ? (
                <Group gap="xs">
                  <Button
                    size="sm"
                    loading={decide.isPending}
                    onClick={() => void ask(one, "approve")}
                  >
                    {t("Approve")}
                  </Button>
                  <Button
                    size="sm"
                    variant="default"
                    disabled={decide.isPending}
                    onClick={() => void ask(one, "reject")}
                  >
                    {t("Turn down")}
                  </Button>
                </Group>
              ) : (
                <Text size="sm">{t("Somebody who may approve corrections decides.")}</Text>
              )}
            </Card>
          ))}
        </Stack>
      ) : (
        <EmptyState title={t("Nothing waits")} icon={ClipboardCheck}>
          {t("Corrections above the limit stand here until a second person decides.")}
        </EmptyState>
      )}
    </Page>
  );
}
