import { Box, Button, Group } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Megaphone } from "lucide-react";
import { useState } from "react";
import type { AnnouncementRow, Announcements as Told } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useMe } from "@/app/me";
import { language, t } from "@/i18n";
import { callPlatform } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { done } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { State, type Tone, When } from "@/ui/Values";
import { AnnouncementForm } from "./AnnouncementForm";
import { levelWords } from "./words";

const KEY = ["platform", "announcements"];

/** What all brands' consoles are told. */
export function Announcements() {
  return (
    <Guarded permission="tenants:read" title={t("Announcements")}>
      <List />
    </Guarded>
  );
}

function List() {
  const me = useMe();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [writing, write] = useState(false);
  const found = useQuery({
    queryKey: KEY,
    queryFn: () => callPlatform<Told>("GET", "/announcements"),
  });
  const withdraw = useMutation({
    mutationFn: (id: string) => callPlatform<Told>("POST", `/announcements/${id}/withdraw`),
    onSuccess: (told) => {
      queries.setQueryData(KEY, told);
      done(t("It is told no longer."));
    },
  });
  const may = me.may("tenants:change");
  const ask = async (one: AnnouncementRow) => {
    const sure = await confirm({
      title: t("Withdraw this announcement?"),
      consequence: textOf(one),
      act: t("Withdraw"),
    });
    if (sure) withdraw.mutate(one.id);
  };
  return (
    <Page
      title={t("Announcements")}
      lead={t(
        "What stands above every screen of every brand's console, from one instant to another.",
      )}
      width="full"
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      actions={
        may && !writing ? (
          <Button onClick={() => write(true)}>{t("Write an announcement")}</Button>
        ) : null
      }
    >
      {writing ? (
        <Box mb="md">
          <Card title={t("Write an announcement")}>
            <AnnouncementForm
              told={(answer) => {
                queries.setQueryData(KEY, answer);
                write(false);
              }}
              close={() => write(false)}
            />
          </Card>
        </Box>
      ) : null}
      <DataTable
        id="announcements"
        label={t("Announcements")}
        columns={columns(may, withdraw.isPending, (one) => void ask(one))}
        rows={found.data?.items ?? []}
        rowKey={(one) => one.id}
        empty={
          <EmptyState title={t("Nothing was announced yet")} icon={Megaphone}>
            {t("Write one before a maintenance, or when something does not work as it should.")}
          </EmptyState>
        }
      />
    </Page>
  );
}

function textOf(one: AnnouncementRow): string {
  return one.texts[language()] ?? one.texts.en ?? "";
}

type Standing = "now" | "later" | "over" | "withdrawn";

function standing(one: AnnouncementRow, now = new Date()): Standing {
  if (one.withdrawnAt) return "withdrawn";
  if (new Date(one.untilAt) <= now) return "over";
  return new Date(one.fromAt) > now ? "later" : "now";
}

function standingWords(one: AnnouncementRow): { text: string; tone: Tone } {
  switch (standing(one)) {
    case "now":
      return { text: t("Is told now"), tone: "positive" };
    case "later":
      return { text: t("Will be told"), tone: "info" };
    case "over":
      return { text: t("Over"), tone: "neutral" };
    default:
      return { text: t("Withdrawn"), tone: "neutral" };
  }
}

function columns(
  may: boolean,
  busy: boolean,
  withdraw: (one: AnnouncementRow) => void,
): Column<AnnouncementRow>[] {
  return [
    {
      key: "text",
      title: t("Text"),
      width: "minmax(260px, 3fr)",
      phone: "title",
      render: textOf,
      value: textOf,
    },
    {
      key: "level",
      title: t("How urgent"),
      width: "150px",
      render: (one) => (
        <State tone={levelWords(one.level).tone}>{levelWords(one.level).text}</State>
      ),
      value: (one) => levelWords(one.level).text,
    },
    {
      key: "standing",
      title: t("State"),
      width: "140px",
      render: (one) => <State tone={standingWords(one).tone}>{standingWords(one).text}</State>,
      value: (one) => standingWords(one).text,
    },
    {
      key: "from",
      title: t("From"),
      width: "180px",
      render: (one) => <When at={one.fromAt} />,
      value: (one) => one.fromAt,
    },
    {
      key: "until",
      title: t("Until"),
      width: "180px",
      render: (one) => <When at={one.untilAt} />,
      value: (one) => one.untilAt,
    },
    {
      key: "act",
      title: t("Withdraw"),
      width: "130px",
      render: (one) =>
        may && ["now", "later"].includes(standing(one)) ? (
          <Group>
            <Button
              size="xs"
              variant="default"
              disabled={busy}
              aria-label={t("Withdraw: {text}", { text: textOf(one) })}
              onClick={() => withdraw(one)}
            >
              {t("Withdraw")}
            </Button>
          </Group>
        ) : null,
      value: () => "",
    },
  ];
}
