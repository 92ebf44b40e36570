import { Button, Group, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, Webhook } from "lucide-react";
import { useMemo, useState } from "react";
import type { Attempts, Delivery, Endpoint, Endpoints, Secret } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { done, showProblem } from "@/ui/notices";
import { Card, Page, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { SidePanel } from "@/ui/SidePanel";
import { State, When } from "@/ui/Values";
import { ShownOnce } from "./ShownOnce";

interface Deliveries {
  items: Delivery[];
  nextCursor: string | null;
}

/** Endpoints in force, and what became of every delivery. */
export function Webhooks() {
  return (
    <Guarded permission="webhooks:read" title={t("Webhooks")}>
      <Page
        title={t("Webhooks")}
        lead={t(
          "Addresses of yours that are told what happens, and what became of every delivery.",
        )}
      >
        <EndpointList />
      </Page>
    </Guarded>
  );
}

function EndpointList() {
  const brand = useBrand();
  const [view, setView] = useUrlState({ endpoint: "", status: "", delivery: "" });
  const endpoints = useQuery({
    queryKey: ["webhook-endpoints", brand],
    queryFn: () => call<Endpoints>("GET", `/${brand}/webhook-endpoints`),
  });
  if (endpoints.error)
    return <Problem error={endpoints.error} retry={() => void endpoints.refetch()} />;
  if (!endpoints.data) return <Waiting />;
  const items = endpoints.data.items;
  if (!items.length) {
    return (
      <EmptyState
        title={t("No address is told of events yet")}
        icon={Webhook}
        action={<Go to="/programme/integrations#webhooks">{t("Add an endpoint")}</Go>}
      >
        {t(
          "Your systems can be told of every earning, redemption and tier change, in order, per member.",
        )}
      </EmptyState>
    );
  }
  const chosen = items.find((e) => e.key === view.endpoint) ?? items[0];
  return (
    <Stack>
      {items.map((endpoint) => (
        <EndpointCard
          key={endpoint.key}
          endpoint={endpoint}
          chosen={endpoint === chosen && items.length > 1}
          choose={() => setView({ endpoint: endpoint.key, delivery: "" })}
        />
      ))}
      {chosen ? (
        <Log
          key={chosen.key}
          endpoint={chosen}
          status={view.status}
          setStatus={(status) => setView({ status })}
          open={view.delivery}
          setOpen={(delivery) => setView({ delivery }, Boolean(delivery))}
        />
      ) : null}
    </Stack>
  );
}

function EndpointCard({
  endpoint,
  chosen,
  choose,
}: {
  endpoint: Endpoint;
  chosen: boolean;
  choose: () => void;
}) {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const confirm = useConfirm();
  const [secret, setSecret] = useState<string | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: ["webhook-endpoints", brand] });
  const rotate = async () => {
    const first = !endpoint.secretRotatedAt;
    const yes =
      first ||
      (await confirm({
        title: t("Replace the signing secret of “{name}”?", { name: endpoint.key }),
        consequence: t(
          "Deliveries carry both signatures for one day, so that your system can change over.",
        ),
        act: t("Replace the secret"),
      }));
    if (!yes) return;
    try {
      const answer = await call<Secret>(
        "POST",
        `/${brand}/webhook-endpoints/${endpoint.key}/rotate-secret`,
      );
      setSecret(answer.secret);
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  const enable = async () => {
    try {
      await call("POST", `/${brand}/webhook-endpoints/${endpoint.key}/enable`);
      done(t("“{name}” is told of events again.", { name: endpoint.key }));
      await refresh();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  const manage = me.may("webhooks:manage");
  return (
    <Card
      title={endpoint.key}
      lead={endpoint.url}
      actions={
        <Group gap="xs">
          <EndpointState of={endpoint} />
          {chosen ? <State tone="accent">{t("Shown below")}</State> : null}
        </Group>
      }
    >
      <Group gap="xs">
        <Text size="sm" c="var(--muted)">
          {endpoint.events.length
            ? tn("{n} kind of event", "{n} kinds of events", endpoint.events.length)
            : t("Every event")}
          {" · "}
          {endpoint.secretRotatedAt ? (
            <>
              {t("Secret from")} <When at={endpoint.secretRotatedAt} ago />
            </>
          ) : (
            t("No secret yet: nothing is sent before the first one.")
          )}
        </Text>
        {manage ? (
          <Button size="xs" variant="default" onClick={() => void rotate()}>
            {endpoint.secretRotatedAt ? t("Replace the secret") : t("Make the secret")}
          </Button>
        ) : null}
        {manage && endpoint.disabledAt ? (
          <Button size="xs" onClick={() => void enable()}>
            {t("Switch on again")}
          </Button>
        ) : null}
        {chosen ? null : (
          <Button size="xs" variant="subtle" onClick={choose}>
            {t("Show deliveries")}
          </Button>
        )}
      </Group>
      {secret ? (
        <ShownOnce
          title={t("Signing secret of “{name}”", { name: endpoint.key })}
          secret={secret}
          close={() => setSecret(null)}
        />
      ) : null}
    </Card>
  );
}

function EndpointState({ of: endpoint }: { of: Endpoint }) {
  if (endpoint.disabledAt) {
    return <State tone="danger">{t("Switched off: it answered that it is gone")}</State>;
  }
  if (!endpoint.enabled) return <State>{t("Off")}</State>;
  return <State tone="positive">{t("On")}</State>;
}

function Log({
  endpoint,
  status,
  setStatus,
  open,
  setOpen,
}: {
  endpoint: Endpoint;
  status: string;
  setStatus: (status: string) => void;
  open: string;
  setOpen: (delivery: string) => void;
}) {
  const brand = useBrand();
  const log = useInfiniteQuery({
    queryKey: ["webhook-deliveries", brand, endpoint.key, status],
    queryFn: ({ pageParam }) =>
      call<Deliveries>("GET", `/${brand}/webhook-endpoints/${endpoint.key}/deliveries`, {
        query: { status: status || null, cursor: pageParam, limit: 100 },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  const rows = useMemo(() => log.data?.pages.flatMap((p) => p.items) ?? [], [log.data]);
  const current = rows.find((d) => d.id === open);
  const columns: Column<Delivery>[] = [
    {
      key: "event",
      title: t("Event"),
      width: "minmax(160px, 2fr)",
      phone: "title",
      render: (d) => d.eventType,
      value: (d) => d.eventType,
    },
    {
      key: "state",
      title: t("State"),
      width: "150px",
      render: (d) => <DeliveryState of={d} />,
      value: (d) => d.status,
    },
    {
      key: "tries",
      title: t("Tries"),
      align: "end",
      width: "90px",
      render: (d) => <span className="figures">{formatNumber(d.attempts)}</span>,
      value: (d) => d.attempts,
    },
    {
      key: "answer",
      title: t("Last answer"),
      render: (d) => d.lastStatus ?? d.lastError ?? "–",
      value: (d) => d.lastStatus ?? d.lastError,
    },
    {
      key: "at",
      title: t("When"),
      width: "170px",
      render: (d) => <When at={d.createdAt} />,
      value: (d) => d.createdAt,
    },
  ];
  if (log.error) return <Problem error={log.error} retry={() => void log.refetch()} />;
  return (
    <>
      <DataTable
        id="webhook-deliveries"
        label={t("Deliveries to {name}", { name: endpoint.key })}
        columns={columns}
        rows={rows}
        rowKey={(d) => d.id}
        onOpen={(d) => setOpen(d.id)}
        current={open || undefined}
        loading={log.isPending}
        more={{
          has: log.hasNextPage,
          loading: log.isFetchingNextPage,
          load: () => void log.fetchNextPage(),
        }}
        csv="deliveries"
        height="480px"
        tools={
          <SegmentedControl
            aria-label={t("State")}
            value={status}
            onChange={setStatus}
            data={[
              { value: "", label: t("All") },
              { value: "failed", label: t("Failed") },
              { value: "pending", label: t("Waiting") },
              { value: "delivered", label: t("Delivered") },
            ]}
          />
        }
        empty={
          <EmptyState title={t("No delivery here")} icon={Webhook}>
            {t("Deliveries appear as soon as something happens to a member.")}
          </EmptyState>
        }
      />
      {current ? <Opened delivery={current} close={() => setOpen("")} /> : null}
    </>
  );
}

function DeliveryState({ of: delivery }: { of: Delivery }) {
  switch (delivery.status) {
    case "delivered":
      return <State tone="positive">{t("Delivered")}</State>;
    case "failed":
      return <State tone="danger">{t("Failed")}</State>;
    case "discarded":
      return <State>{t("Discarded")}</State>;
    default:
      return <State tone="info">{t("Waiting")}</State>;
  }
}

function Opened({ delivery, close }: { delivery: Delivery; close: () => void }) {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const attempts = useQuery({
    queryKey: ["webhook-attempts", brand, delivery.id, delivery.attempts],
    queryFn: () => call<Attempts>("GET", `/${brand}/webhook-deliveries/${delivery.id}/attempts`),
  });
  const repeat = async () => {
    try {
      await call("POST", `/${brand}/webhook-deliveries/${delivery.id}/replay`);
      done(t("The event is on its way again."));
      await client.invalidateQueries({ queryKey: ["webhook-deliveries", brand] });
      close();
    } catch (thrown) {
      showProblem(thrown);
    }
  };
  return (
    <SidePanel
      title={delivery.eventType}
      onClose={close}
      footer={
        me.may("webhooks:manage") ? (
          <Button leftSection={<RotateCcw size={16} aria-hidden />} onClick={() => void repeat()}>
            {t("Send again")}
          </Button>
        ) : undefined
      }
    >
      <Stack>
        <Group gap="xs">
          <DeliveryState of={delivery} />
          <Go to={`/members/${delivery.memberId}`}>{t("The member")}</Go>
        </Group>
        {delivery.lastError ? <Text size="sm">{delivery.lastError}</Text> : null}
        {attempts.error ? <Problem error={attempts.error} /> : null}
        {attempts.data?.items.length ? (
          <Table>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t("Try")}</Table.Th>
                <Table.Th scope="col">{t("When")}</Table.Th>
                <Table.Th scope="col">{t("Took")}</Table.Th>
                <Table.Th scope="col">{t("Answer")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {attempts.data.items.map((one) => (
                <Table.Tr key={one.attempt}>
                  <Table.Td className="figures">{one.attempt}</Table.Td>
                  <Table.Td>
                    <When at={one.at} />
                  </Table.Td>
                  <Table.Td className="figures">{formatNumber(one.durationMs)} ms</Table.Td>
                  <Table.Td>{one.status ?? one.error ?? "–"}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        ) : (
          <Text size="sm" c="var(--muted)">
            {t("Not tried yet.")}
          </Text>
        )}
      </Stack>
    </SidePanel>
  );
}
