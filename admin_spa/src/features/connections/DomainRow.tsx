import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { done, showProblem } from "@/ui/notices";
import { State, When } from "@/ui/Values";
import { Copyable } from "./Copyable";
import { problemWords } from "./words";

interface Proof {
  domain: string;
  recordName: string;
  recordValue: string;
  verifiedAt: string | null;
  lapsesAt: string | null;
  checkedAt: string | null;
  problem: string | null;
}

/** A domain with its proof: how it stands, what to publish, checking now and giving it up. */
export function DomainRow({
  of: one,
  shown = one.domain,
  at,
  manage,
  refresh,
  lapsing,
  givenUp,
  children,
}: {
  of: Proof;
  /** As people write it. */
  shown?: string;
  /** Its address at the API. */
  at: string;
  manage: boolean;
  refresh: () => Promise<void>;
  /** What the moment stands behind when the proof is gone. */
  lapsing: string;
  /** What giving it up leads to. */
  givenUp: string;
  /** What else is to be published. */
  children?: ReactNode;
}) {
  const confirm = useConfirm();
  const check = useMutation({
    mutationFn: () => call<Proof>("POST", `${at}/check`),
    onSuccess: async (now) => {
      await refresh();
      if (now.verifiedAt && !now.problem) done(t("{domain} is proved.", { domain: shown }));
    },
  });
  const remove = async () => {
    const yes = await confirm({
      title: t("Give up {domain}?", { domain: shown }),
      consequence: givenUp,
      act: t("Give it up"),
      danger: true,
    });
    if (!yes) return;
    try {
      await call("DELETE", at);
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  return (
    <Stack gap={6}>
      <Group justify="space-between">
        <Group gap="xs">
          <Text fw={600} translate="no">
            {shown}
          </Text>
          {one.lapsesAt ? (
            <State tone="warning">{t("Its proof is gone")}</State>
          ) : one.verifiedAt ? (
            <State tone="positive">{t("Proved")}</State>
          ) : (
            <State tone="warning">{t("Waits for its proof")}</State>
          )}
        </Group>
        {manage ? (
          <Group gap={4}>
            <Button
              size="compact-sm"
              variant="default"
              loading={check.isPending}
              onClick={() => check.mutate()}
            >
              {t("Check now")}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              color="red"
              onClick={() => void remove()}
              aria-label={t("Give up {domain}", { domain: shown })}
            >
              {t("Remove")}
            </Button>
          </Group>
        ) : null}
      </Group>
      {one.lapsesAt ? (
        <Text size="sm">
          {lapsing} <When at={one.lapsesAt} />
        </Text>
      ) : null}
      {one.verifiedAt && !one.lapsesAt ? null : (
        <>
          <Text size="sm">{t("Publish this TXT record where your domain's DNS is managed:")}</Text>
          <Copyable label={t("Name")} value={one.recordName} />
          <Copyable label={t("Text")} value={one.recordValue} />
          {children}
        </>
      )}
      {one.problem ? (
        <Text size="sm" c="var(--warning)" role="status">
          {problemWords(one.problem)}
        </Text>
      ) : null}
      {one.checkedAt ? (
        <Text size="xs" c="var(--muted)">
          {t("Checked")} <When at={one.checkedAt} ago />
        </Text>
      ) : null}
    </Stack>
  );
}
