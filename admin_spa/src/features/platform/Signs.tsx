import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { useMemo, useState } from "react";
import type { AbuseSign, AbuseSigns, Thresholds } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { done } from "@/ui/notices";
import { Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { When } from "@/ui/Values";

/** Signs of abuse over all tenants, with what to do next. */
export function Signs() {
  return (
    <Guarded permission="tenants:read" title={t("Signs of abuse")}>
      <List />
    </Guarded>
  );
}

function kindWords(kind: string): string {
  const words: Record<string, string> = {
    velocity: t("One member redeems again and again"),
    takeover: t("New device, new address and a gift card"),
    code_guessing: t("Codes of sign-ins are tried out"),
    surge: t("The whole brand redeems much more than before"),
  };
  return words[kind] ?? kind;
}

function nextWords(kind: string): string {
  const words: Record<string, string> = {
    velocity: t(
      "Ask for access, look at the member's orders and have the brand hold what is open.",
    ),
    takeover: t("Have the brand call the member and cancel the order before it is delivered."),
    code_guessing: t("Limits hold. Have the brand end the account's sessions if one got in."),
    surge: t("Ask the brand whether it expects this; if not, make it read-only and look."),
  };
  return words[kind] ?? "";
}

function boundWords(kind: string, bounds: Thresholds): string {
  const n = (value: number | undefined) => formatNumber(value ?? 0);
  const words: Record<string, string> = {
    velocity: t("from {hour} an hour or {day} a day", {
      hour: n(bounds.velocityPerHour),
      day: n(bounds.velocityPerDay),
    }),
    takeover: t("both newer than {hours} h", { hours: n(bounds.takeoverH) }),
    code_guessing: t("from {account} wrong codes for an account in {minutes} min", {
      account: n(bounds.codesPerAccount),
      minutes: n(bounds.codesMinutes),
    }),
    surge: t("from {from} an hour and {times} times the week's mean", {
      from: n(bounds.surgeFrom),
      times: n(bounds.surgeTimes),
    }),
  };
  return words[kind] ?? "";
}

/** What was counted, in words; a kind that this console does not know tells what it was told. */
function factWords({ kind, facts }: AbuseSign): string {
  const n = (name: string) => formatNumber(Number(facts[name] ?? 0));
  switch (kind) {
    case "velocity":
      return t("{hour} in the last hour, {day} in a day", { hour: n("hour"), day: n("day") });
    case "surge":
      return t("{hour} in the last hour, {week} in the week before", {
        hour: n("hour"),
        week: n("week_before"),
      });
    case "code_guessing":
      return [
        tn("{n} wrong code", "{n} wrong codes", Number(facts.wrong ?? 0)),
        ...(facts.accounts
          ? [tn("at {n} account", "at {n} accounts", Number(facts.accounts))]
          : []),
      ].join(" ");
    case "takeover":
      return [
        t("Order {number}", { number: String(facts.redemption ?? "") }),
        ...(facts.new_delivery_address ? [t("new delivery address")] : []),
        ...(facts.new_network_address ? [t("new network address")] : []),
      ].join(", ");
  }
  return Object.entries(facts)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(", ");
}

function List() {
  const me = useMe();
  const [sign, settle] = useState<AbuseSign | null>(null);
  const found = useQuery({
    queryKey: ["platform", "signs"],
    queryFn: () => callPlatform<AbuseSigns>("GET", "/signs"),
    refetchInterval: 15_000,
  });
  const may = me.may("tenants:change");
  const bounds = found.data?.thresholds;
  const columns = useMemo<Column<AbuseSign>[]>(
    () => [
      {
        key: "name",
        title: t("Tenant"),
        width: "minmax(140px, 1fr)",
        phone: "title",
        render: (row) => row.name,
        value: (row) => row.name,
      },
      {
        key: "kind",
        title: t("Sign"),
        width: "minmax(220px, 1.6fr)",
        render: (row) => (
          <span title={bounds ? boundWords(row.kind, bounds) : ""}>{kindWords(row.kind)}</span>
        ),
        value: (row) => kindWords(row.kind),
      },
      {
        key: "facts",
        title: t("Counted"),
        width: "minmax(160px, 1fr)",
        render: (row) => <span title={factWords(row)}>{factWords(row)}</span>,
        value: factWords,
      },
      {
        key: "next",
        title: t("What to do next"),
        width: "minmax(240px, 2fr)",
        render: (row) => <span title={nextWords(row.kind)}>{nextWords(row.kind)}</span>,
        value: (row) => nextWords(row.kind),
      },
      {
        key: "last",
        title: t("Last"),
        width: "130px",
        render: (row) => <When at={row.lastAt} ago />,
        value: (row) => row.lastAt,
      },
      {
        key: "settle",
        title: t("Settle"),
        width: "120px",
        render: (row) =>
          may ? (
            <Button
              size="xs"
              variant="default"
              onClick={(event) => {
                event.preventDefault();
                event.stopPropagation();
                settle(row);
              }}
            >
              {t("Settle")}
            </Button>
          ) : null,
      },
    ],
    [may, bounds],
  );
  return (
    <Page
      title={t("Signs of abuse")}
      lead={t("What looks like abuse at any brand, seen within a minute.")}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
    >
      <DataTable
        id="signs"
        label={t("Signs of abuse")}
        columns={columns}
        rows={found.data?.open ?? []}
        view="all"
        rowKey={(row) => row.id}
        to={(row) => `/tenants/${row.slug}`}
        loading={found.isPending}
        csv="signs.csv"
        empty={
          <EmptyState title={t("No sign of abuse")} icon={ShieldCheck}>
            {t("Redemptions and sign-ins of all brands stay below the thresholds.")}
          </EmptyState>
        }
      />
      {sign ? <Settle sign={sign} close={() => settle(null)} /> : null}
    </Page>
  );
}

function Settle({ sign, close }: { sign: AbuseSign; close: () => void }) {
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const act = useMutation({
    mutationFn: (outcome: "abuse" | "harmless") =>
      callPlatform("POST", `/tenants/${sign.slug}/signs/${sign.id}/settle`, {
        body: { outcome, note },
      }),
    onSuccess: async () => {
      done(t("The sign is settled."));
      await queries.invalidateQueries({ queryKey: ["platform", "signs"] });
      close();
    },
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t("Settle: {name}", { name: sign.name })}
      closeButtonProps={{ "aria-label": t("Close") }}
      zIndex={300}
    >
      <Stack>
        <Text size="sm">
          {kindWords(sign.kind)}: {factWords(sign)}. {nextWords(sign.kind)}
        </Text>
        <Textarea
          label={t("What was found")}
          description={t("The brand's people read it.")}
          required
          maxLength={500}
          autosize
          minRows={2}
          data-autofocus
          value={note}
          onChange={(e) => setNote(e.currentTarget.value)}
        />
        {act.error ? <Problem error={act.error} /> : null}
        <Group justify="flex-end">
          <Button
            variant="default"
            disabled={!note.trim()}
            loading={act.isPending}
            onClick={() => act.mutate("harmless")}
          >
            {t("Harmless")}
          </Button>
          <Button
            disabled={!note.trim()}
            loading={act.isPending}
            onClick={() => act.mutate("abuse")}
          >
            {t("Abuse")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
