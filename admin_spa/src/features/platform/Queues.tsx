import { Alert, Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, ListChecks } from "lucide-react";
import { useMemo } from "react";
import type { DeploymentQueues, MessagesReplayed, QueueState } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { callPlatform } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { done } from "@/ui/notices";
import { Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Figure, When } from "@/ui/Values";
import { topicWords } from "./topics";

/** What lies in the queues of all tenants, and putting parked messages back to work. */
export function Queues() {
  return (
    <Guarded permission="tenants:read" title={t("Queues")}>
      <List />
    </Guarded>
  );
}

function List() {
  const me = useMe();
  const queries = useQueryClient();
  const found = useQuery({
    queryKey: ["platform", "queues"],
    queryFn: () => callPlatform<DeploymentQueues>("GET", "/queues"),
    refetchInterval: 10_000,
  });
  const replay = useMutation({
    meta: { shown: true },
    mutationFn: (row: QueueState) =>
      callPlatform<MessagesReplayed>("POST", `/tenants/${row.slug}/messages/replay`, {
        body: { topic: row.topic },
      }),
    onSuccess: async (told) => {
      done(tn("One message is at work again.", "{n} messages are at work again.", told.replayed));
      await queries.invalidateQueries({ queryKey: ["platform"] });
    },
  });
  const may = me.may("tenants:change");
  const columns = useColumns(may, replay.isPending, replay.mutate);
  return (
    <Page
      title={t("Queues")}
      lead={t("What waits, fails and was given up, by tenant and kind of message.")}
      width="full"
      error={found.error}
      retry={() => void found.refetch()}
    >
      {found.data?.late ? (
        <Alert color="red" variant="light" mb="md" icon={<CircleAlert aria-hidden size={20} />}>
          {t("No relay has counted for a minute: nobody rings the workers.")}
        </Alert>
      ) : null}
      {replay.error ? <Problem error={replay.error} /> : null}
      <DataTable
        id="queues"
        label={t("Queues")}
        columns={columns}
        rows={found.data?.items ?? []}
        view="all"
        rowKey={(row) => `${row.slug} ${row.topic}`}
        to={(row) => `/tenants/${row.slug}`}
        loading={found.isPending}
        csv="queues.csv"
        empty={
          <EmptyState title={t("All queues are empty")} icon={ListChecks}>
            {t("Nothing waits and nothing was given up.")}
          </EmptyState>
        }
      />
    </Page>
  );
}

function useColumns(
  may: boolean,
  busy: boolean,
  replay: (row: QueueState) => void,
): Column<QueueState>[] {
  return useMemo(() => {
    const figure = (
      key: string,
      title: string,
      of: (row: QueueState) => number,
    ): Column<QueueState> => ({
      key,
      title,
      width: "104px",
      align: "end",
      render: (row) => <Figure n={of(row)} />,
      value: of,
    });
    return [
      {
        key: "name",
        title: t("Name"),
        width: "minmax(160px, 1fr)",
        phone: "title",
        render: (row) => row.name,
        value: (row) => row.name,
      },
      {
        key: "topic",
        title: t("Kind"),
        width: "minmax(180px, 1fr)",
        render: (row) => <span title={row.topic}>{topicWords(row.topic)}</span>,
        value: (row) => topicWords(row.topic),
      },
      figure("waiting", t("Waiting"), (row) => row.waiting),
      figure("retrying", t("Trying again"), (row) => row.retrying),
      figure("parked", t("Parked"), (row) => row.parked),
      {
        key: "since",
        title: t("Ready since"),
        width: "150px",
        render: (row) => <When at={row.readySince} ago />,
        value: (row) => row.readySince ?? "",
      },
      {
        key: "replay",
        title: t("Replay"),
        width: "130px",
        render: (row) =>
          may && row.parked ? (
            <Button
              size="xs"
              variant="default"
              disabled={busy}
              onClick={(event) => {
                event.preventDefault();
                event.stopPropagation();
                replay(row);
              }}
            >
              {t("Replay")}
            </Button>
          ) : null,
        value: () => "",
      },
    ];
  }, [may, busy, replay]);
}
