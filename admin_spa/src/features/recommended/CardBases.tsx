/** For whom banks approved which card: files sent, put in force as one switch, taken away. */

import { Alert, Button, Code, Group, List, Stack, Table, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CreditCard, ShieldCheck } from "lucide-react";
import { useState } from "react";
import type { CardBase, CardBaseSent, CardBases as Told } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand, useMe } from "@/app/me";
import { DropCsv, EmptyCsv, useSendCsv } from "@/features/imports/Csv";
import { Refused } from "@/features/imports/Refused";
import { mark, t, td, tn, tx } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { EmptyState } from "@/ui/EmptyState";
import { done, showProblem } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { Figure, State, type Tone, When } from "@/ui/Values";
import { lineWords } from "./cardLines";

const HEADING = "email,bank,variant,limit,currency,valid_until,consent";
const NAME = /^[a-z0-9]([_-]?[a-z0-9]){0,39}$/;
const STATES: Record<CardBase["state"], { tone: Tone; words: string }> = {
  loading: { tone: "accent", words: mark("Waits to be put in force") },
  in_force: { tone: "positive", words: mark("In force") },
  replaced: { tone: "neutral", words: mark("Replaced") },
  discarded: { tone: "neutral", words: mark("Taken away") },
};

export function CardBases() {
  return (
    <Guarded permission="parameters:read" title={t("Card bases")}>
      <Screen />
    </Guarded>
  );
}

function Screen() {
  const brand = useBrand();
  const me = useMe();
  const queries = useQueryClient();
  const [sent, setSent] = useState<CardBaseSent | null>(null);
  const path = `/${brand}/recommendations/card-bases`;
  const key = ["card-bases", brand];
  const found = useQuery({ queryKey: key, queryFn: () => call<Told>("GET", path) });
  const may = me.may("parameters:publish");
  return (
    <Page
      title={t("Card bases")}
      crumbs={[{ title: t("Recommendations"), to: "/recommendations" }]}
      lead={t(
        "A co-branded card is offered to nobody but the members whom a bank approved, in the variant that it approved.",
      )}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      <Stack gap="lg">
        <Alert icon={<ShieldCheck size={18} aria-hidden />} title={t("Only with consent")}>
          {t(
            "A line without the member's consent to be offered the card is kept and shown to nobody. Send no line that the bank may not pass on.",
          )}
        </Alert>
        {may ? (
          <Bring
            path={path}
            onSent={(told) => {
              setSent(told);
              void queries.invalidateQueries({ queryKey: key });
            }}
          />
        ) : null}
        {sent?.errors.length ? (
          <Refused
            id="card-base-refused"
            lines={sent.errors}
            total={sent.base.rejected}
            words={lineWords}
          />
        ) : null}
        <Bases
          bases={found.data?.items ?? []}
          path={path}
          may={may}
          changed={() => void queries.invalidateQueries({ queryKey: key })}
        />
      </Stack>
    </Page>
  );
}

function Bring({ path, onSent }: { path: string; onSent: (sent: CardBaseSent) => void }) {
  const [name, setName] = useState("crm");
  const good = NAME.test(name);
  const bring = useSendCsv<CardBaseSent>(() => `${path}?name=${encodeURIComponent(name)}`, onSent);
  return (
    <Card
      title={t("Send a base")}
      lead={t("Every line is tried. Nobody is offered anything by it until you put it in force.")}
    >
      <Stack gap="sm">
        <TextInput
          label={t("Name of the base")}
          description={t(
            "It takes the place of the base in force of the same name: one for each bank, or one for all.",
          )}
          maw={420}
          value={name}
          maxLength={40}
          error={good ? null : t("Small letters, digits, - and _, as crm or bank-one.")}
          onChange={(e) => setName(e.currentTarget.value)}
        />
        <DropCsv
          bring={bring}
          limits={t("CSV in UTF-8 with a heading, at most 2 MB and 20,000 lines")}
          disabled={!good}
        />
        {bring.data && !bring.data.errors.length ? (
          <Text size="sm" role="status">
            {tn(
              "{n} line was taken, none was refused. Put the base in force below.",
              "{n} lines were taken, none was refused. Put the base in force below.",
              bring.data.base.rows,
            )}
          </Text>
        ) : null}
        <List size="sm" spacing={2}>
          <List.Item>
            {tx("The first line names the columns, such as {columns}", {
              columns: <Code>{HEADING}</Code>,
            })}
          </List.Item>
          <List.Item>
            {t("Name each member by one of e-mail, external id or member number.")}
          </List.Item>
          <List.Item>
            {t("The limit is in minor units (cents) and may be empty; consent is yes or no.")}
          </List.Item>
        </List>
        <Group>
          <EmptyCsv heading={HEADING} name="card-base.csv" />
        </Group>
      </Stack>
    </Card>
  );
}

function Bases({
  bases,
  path,
  may,
  changed,
}: {
  bases: CardBase[];
  path: string;
  may: boolean;
  changed: () => void;
}) {
  const confirm = useConfirm();
  const act = useMutation({
    mutationFn: ({ base, what }: { base: CardBase; what: "activate" | "discard" }) =>
      call<CardBase>("POST", `${path}/${base.id}/${what}`, {
        ...(what === "activate" ? { body: { complete: false } } : {}),
      }),
    onSuccess: (now, { base, what }) => {
      if (what === "discard") done(t("The base is taken away."));
      else if (now.id === base.id) done(t("The base is in force."));
      else done(t("It says what is in force already, so nothing changed."));
      changed();
    },
    onError: showProblem,
    meta: { shown: true },
  });
  const activate = async (base: CardBase) => {
    const before = bases.find((b) => b.name === base.name && b.state === "in_force");
    const yes = await confirm({
      title: t("Put the base {name} in force?", { name: base.name }),
      act: t("Put it in force"),
      consequence: (
        <List>
          <List.Item>
            {tn(
              "{n} member can be offered a card",
              "{n} members can be offered a card",
              base.offered ?? 0,
            )}
          </List.Item>
          {before ? (
            <List.Item>
              {tn(
                "the base in force with {n} approval is replaced",
                "the base in force with {n} approvals is replaced",
                before.rows,
              )}
            </List.Item>
          ) : null}
          {base.rejected ? (
            <List.Item>{tn("{n} line stays out", "{n} lines stay out", base.rejected)}</List.Item>
          ) : null}
        </List>
      ),
    });
    if (yes) act.mutate({ base, what: "activate" });
  };
  const discard = async (base: CardBase) => {
    const yes = await confirm({
      title: t("Take the base {name} away?", { name: base.name }),
      act: t("Take it away"),
      danger: true,
      consequence:
        base.state === "in_force"
          ? t("Nobody is offered a card by it any more, from the next page on.")
          : t("Its lines are forgotten; what is in force stays."),
    });
    if (yes) act.mutate({ base, what: "discard" });
  };
  return (
    <Card title={t("Bases so far")} flush>
      {bases.length ? (
        <Table.ScrollContainer minWidth={860}>
          <Table verticalSpacing="sm" horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("Base")}</Table.Th>
                <Table.Th miw={190}>{t("State")}</Table.Th>
                <Table.Th ta="end">{t("Approvals")}</Table.Th>
                <Table.Th ta="end">{t("Can be shown")}</Table.Th>
                <Table.Th ta="end">{t("Refused lines")}</Table.Th>
                <Table.Th>{t("Sent")}</Table.Th>
                <Table.Th aria-label={t("Actions")} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {bases.map((base) => (
                <Table.Tr key={base.id} data-base={base.name} data-state={base.state}>
                  <Table.Td>{base.name}</Table.Td>
                  <Table.Td>
                    <State tone={STATES[base.state].tone}>{td(STATES[base.state].words)}</State>
                  </Table.Td>
                  <Table.Td ta="end">
                    <Figure n={base.rows} />
                  </Table.Td>
                  <Table.Td ta="end" className="figures">
                    {base.offered === null ? "–" : formatNumber(base.offered)}
                  </Table.Td>
                  <Table.Td ta="end">
                    <Figure n={base.rejected} />
                  </Table.Td>
                  <Table.Td>
                    <When at={base.createdAt} />
                    <Text size="xs" c="var(--muted)">
                      {base.createdBy}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    {may ? (
                      <Group gap="xs" justify="flex-end" wrap="nowrap">
                        {base.state === "loading" ? (
                          <Button
                            size="xs"
                            disabled={!base.rows}
                            loading={act.isPending && act.variables?.base.id === base.id}
                            onClick={() => void activate(base)}
                          >
                            {t("Put it in force")}
                          </Button>
                        ) : null}
                        {base.state === "loading" || base.state === "in_force" ? (
                          <Button size="xs" variant="default" onClick={() => void discard(base)}>
                            {t("Take it away")}
                          </Button>
                        ) : null}
                      </Group>
                    ) : null}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : (
        <EmptyState title={t("No base yet")} icon={CreditCard}>
          {t(
            "Without a base in force, no member is offered a card. Bases come as a file here, or from your CRM through the API.",
          )}
        </EmptyState>
      )}
    </Card>
  );
}
