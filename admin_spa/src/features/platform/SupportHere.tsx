import { Button, Group, NumberInput, Stack, Switch, Text, Textarea, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SupportAccesses } from "@/api/types.gen";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { Problem } from "@/ui/Problem";
import { accessWords, ruleWords } from "@/ui/support";
import { State } from "@/ui/Values";

const OFTEN_MS = 10_000;

/** Access to a tenant's console: asking, waiting for consent, going in, leaving. */
export function SupportHere({ slug }: { slug: string }) {
  const me = useMe();
  const queries = useQueryClient();
  const at = `/tenants/${slug}/support`;
  const key = ["platform", "support", slug];
  const found = useQuery({
    queryKey: key,
    queryFn: () => callPlatform<SupportAccesses>("GET", at),
    refetchInterval: OFTEN_MS,
  });
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState<number | string>(60);
  const [writes, setWrites] = useState(false);
  const taken = (answer: SupportAccesses) => queries.setQueryData(key, answer);
  const ask = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      callPlatform<SupportAccesses>("POST", at, { body: { reason, minutes, writes } }),
    onSuccess: taken,
  });
  const leave = useMutation({
    mutationFn: (id: string) => callPlatform<SupportAccesses>("POST", `${at}/${id}/leave`),
    onSuccess: taken,
  });
  if (!me.may("support:ask")) return null;
  const items = found.data?.items ?? [];
  const open = items.find((one) => one.own && (one.state === "open" || one.state === "asked"));
  return (
    <Stack gap="sm" component="section" aria-label={t("Access to the console")}>
      <Title order={2} size="h4">
        {t("Access to the console")}
      </Title>
      {found.error ? <Problem error={found.error} retry={() => void found.refetch()} /> : null}
      {found.data ? (
        <Text size="sm" c="var(--muted)">
          {ruleWords(found.data.rule)}
        </Text>
      ) : null}
      {open ? (
        <Group>
          <State tone={accessWords(open.state).tone}>{accessWords(open.state).text}</State>
          {open.endsAt ? <Text size="sm">{formatDateTime(open.endsAt)}</Text> : null}
          {open.state === "open" ? (
            <Button component="a" href={`/${slug}`}>
              {t("Open the console")}
            </Button>
          ) : null}
          <Button variant="default" loading={leave.isPending} onClick={() => leave.mutate(open.id)}>
            {open.state === "open" ? t("Leave") : t("Take the question back")}
          </Button>
        </Group>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            ask.mutate();
          }}
        >
          <Stack gap="sm">
            <Textarea
              label={t("Reason")}
              description={t("The brand's people read it.")}
              required
              maxLength={500}
              autosize
              minRows={2}
              value={reason}
              onChange={(e) => setReason(e.currentTarget.value)}
            />
            <Group align="flex-end">
              <NumberInput
                label={t("Minutes")}
                min={15}
                max={480}
                step={15}
                w={120}
                value={minutes}
                onChange={setMinutes}
              />
              <Switch
                label={t("To change things, too")}
                checked={writes}
                onChange={(e) => setWrites(e.currentTarget.checked)}
              />
            </Group>
            {ask.error ? <Problem error={ask.error} /> : null}
            <Group>
              <Button type="submit" loading={ask.isPending}>
                {t("Ask for access")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Stack>
  );
}
