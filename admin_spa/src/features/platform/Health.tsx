import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert } from "lucide-react";
import type {
  MessagesReplayed,
  ParkedMessage,
  ParkedMessages,
  QueueState,
  TenantHealth,
  UnwellTenant,
} from "@/api/types.gen";
import { useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatAgo, formatNumber } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { done } from "@/ui/notices";
import { Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { When } from "@/ui/Values";
import classes from "./Tenant.module.css";
import { errorWords, topicWords } from "./topics";
import { problemWords } from "./words";

const OFTEN_MS = 10_000;

/** Why a tenant is not well: its connections, its queues, and what was given up. */
export function Health({ slug, problems }: { slug: string; problems: string[] }) {
  const health = useQuery({
    queryKey: ["platform", "health", slug],
    queryFn: () => callPlatform<TenantHealth>("GET", `/tenants/${slug}/health`),
    refetchInterval: OFTEN_MS,
  });
  const parked = useQuery({
    queryKey: ["platform", "parked", slug],
    queryFn: () => callPlatform<ParkedMessages>("GET", `/tenants/${slug}/messages`),
    refetchInterval: OFTEN_MS,
  });
  const failed = health.error ?? parked.error;
  const found = health.data?.found ?? null;
  const unwell = [
    ...problems.filter((one) => !isTold(one, found)).map(problemWords),
    ...(found ? unwellWords(found) : []),
  ];
  const waiting = health.data?.queues.filter((one) => one.waiting) ?? [];
  const title = unwell.length || parked.data?.items.length ? t("What is wrong") : t("Health");
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {failed ? (
        <Problem
          error={failed}
          retry={() => {
            void health.refetch();
            void parked.refetch();
          }}
        />
      ) : !health.data || !parked.data ? (
        <Waiting lines={2} />
      ) : (
        <>
          {unwell.length ? (
            <Alert color="yellow" variant="light" icon={<CircleAlert aria-hidden size={20} />}>
              <ul className={classes.found}>
                {unwell.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
              {found ? (
                <Text size="sm" c="var(--muted)">
                  {t("Looked {ago}.", { ago: formatAgo(found.foundAt) })}
                </Text>
              ) : null}
            </Alert>
          ) : null}
          <Given slug={slug} items={parked.data.items} />
          {waiting.map((one) => (
            <Text key={one.topic} size="sm">
              {waitingWords(one)}
            </Text>
          ))}
          {!unwell.length && !parked.data.items.length && !waiting.length ? (
            <Text size="sm" c="var(--muted)">
              {t("Nothing waits, nothing was given up, and every connection works.")}
            </Text>
          ) : null}
        </>
      )}
    </Stack>
  );
}

/** Messages that were given up, each with its reason. */
function Given({ slug, items }: { slug: string; items: ParkedMessage[] }) {
  const me = useMe();
  const queries = useQueryClient();
  const replay = useMutation({
    meta: { shown: true },
    mutationFn: (id: string | null) =>
      callPlatform<MessagesReplayed>(
        "POST",
        id ? `/tenants/${slug}/messages/${id}/replay` : `/tenants/${slug}/messages/replay`,
        id ? {} : { body: {} },
      ),
    onSuccess: async (told) => {
      done(tn("One message is at work again.", "{n} messages are at work again.", told.replayed));
      await queries.invalidateQueries({ queryKey: ["platform"] });
    },
  });
  if (!items.length) return null;
  const may = me.may("tenants:change");
  return (
    <>
      {replay.error ? <Problem error={replay.error} /> : null}
      <ul className={classes.parked} aria-label={t("Messages that were given up")}>
        {items.map((one) => (
          <li key={one.id}>
            <Group justify="space-between" align="flex-start" wrap="nowrap" gap="sm">
              <Stack gap={2}>
                <Text fw={550}>{topicWords(one.topic)}</Text>
                <Text size="sm" c="var(--danger)" className={classes.error}>
                  {errorWords(one.error)}
                </Text>
                <Text size="sm" c="var(--muted)">
                  {tn("Given up after one try,", "Given up after {n} tries,", one.attempts)}{" "}
                  <When at={one.parkedAt} ago />
                </Text>
              </Stack>
              {may ? (
                <Button
                  size="xs"
                  variant="default"
                  flex="none"
                  disabled={replay.isPending}
                  aria-label={t("Replay: {kind}", { kind: topicWords(one.topic) })}
                  onClick={() => replay.mutate(one.id)}
                >
                  {t("Replay")}
                </Button>
              ) : null}
            </Group>
            <details>
              <summary>{t("The message")}</summary>
              <dl className={classes.about}>
                <dt>{t("Kind")}</dt>
                <dd>{one.topic}</dd>
                <dt>{t("Number")}</dt>
                <dd>{one.id}</dd>
                {Object.entries(one.about).map(([name, value]) => (
                  <Named key={name} name={name} value={value} />
                ))}
                <dt>{t("Written")}</dt>
                <dd>
                  <When at={one.createdAt} />
                </dd>
                <dt>{t("Error")}</dt>
                <dd>{one.error || "–"}</dd>
              </dl>
            </details>
          </li>
        ))}
      </ul>
      {may && items.length > 1 ? (
        <Group>
          <Button
            size="xs"
            variant="default"
            disabled={replay.isPending}
            onClick={() => replay.mutate(null)}
          >
            {t("Replay all of them")}
          </Button>
        </Group>
      ) : null}
    </>
  );
}

function Named({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** Whether a problem stands here with its particulars anyway. */
function isTold(problem: string, found: UnwellTenant | null): boolean {
  switch (problem) {
    case "parked_jobs":
      return true;
    case "orders_wanting_attention":
      return Boolean(found?.ordersWaiting);
    case "providers_failing":
      return Boolean(found?.providersFailing.length);
    case "webhooks_failing":
      return Boolean(found?.webhooksFailing || found?.endpointsOff);
    case "letters_failing":
      return Boolean(found?.mailsFailed || found?.textsFailed);
    default:
      return false;
  }
}

function unwellWords(found: UnwellTenant): string[] {
  const told = found.providersFailing.map((name) =>
    t("{name} answers with errors and is left alone between tries.", { name }),
  );
  const { webhooksFailing, endpointsOff, mailsFailed, textsFailed, ordersWaiting } = found;
  if (webhooksFailing)
    told.push(
      tn(
        "One webhook of the last day was not taken.",
        "{n} webhooks of the last day were not taken.",
        webhooksFailing,
      ),
    );
  if (endpointsOff)
    told.push(
      tn(
        "One webhook address was switched off.",
        "{n} webhook addresses were switched off.",
        endpointsOff,
      ),
    );
  if (mailsFailed)
    told.push(
      tn(
        "One letter of the last hour was refused.",
        "{n} letters of the last hour were refused.",
        mailsFailed,
      ),
    );
  if (textsFailed)
    told.push(
      tn(
        "One SMS of the last hour was refused.",
        "{n} SMS of the last hour were refused.",
        textsFailed,
      ),
    );
  if (ordersWaiting)
    told.push(
      tn(
        "One order waits for a person of the brand.",
        "{n} orders wait for a person of the brand.",
        ordersWaiting,
      ),
    );
  return told;
}

function waitingWords(one: QueueState): string {
  const values = {
    kind: topicWords(one.topic),
    n: formatNumber(one.waiting),
    again: formatNumber(one.retrying),
  };
  return one.retrying
    ? t("{kind}: {n} waiting, {again} of them after a failure", values)
    : t("{kind}: {n} waiting", values);
}
