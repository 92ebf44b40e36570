import { Alert, Button, Group, Stack, Text, Timeline } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { DeskOrder } from "@/api/types.gen";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatMoney } from "@/i18n/formats";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { done } from "@/ui/notices";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { SidePanel } from "@/ui/SidePanel";
import { Money, Points, State, When } from "@/ui/Values";
import { CancelDialog, RefundDialog } from "./Dialogs";
import classes from "./Order.module.css";
import {
  amountWords,
  attentionWords,
  legWords,
  messageState,
  messageTone,
  messageWords,
  parcelWords,
  reasonWords,
  stateTone,
  stateWords,
  stepWords,
  titleOf,
  topicWords,
} from "./words";

const OPEN = ["held", "awaiting_payment", "authorised", "ordered", "confirmed", "shipped"];
const LOOK_MS = 5_000;

/** An order beside the list: where it is, what happened, what can be done. */
export function Order() {
  const brand = useBrand();
  const { order: id } = useParams({ strict: false }) as { order: string };
  const found = useQuery({
    queryKey: ["order", brand, id],
    queryFn: () => call<DeskOrder>("GET", `/${brand}/orders/${id}`),
    refetchInterval: ({ state }) =>
      state.data && OPEN.includes(state.data.state) ? LOOK_MS : false,
  });
  const order = found.data;
  return (
    <SidePanel
      title={
        order ? (
          <Group gap="sm" component="span">
            <span className="figures">{t("Order {number}", { number: order.number })}</span>
            <State tone={stateTone(order.state)}>{stateWords(order.state)}</State>
          </Group>
        ) : (
          t("Order")
        )
      }
      closeTo="/orders"
      size="min(760px, 100%)"
    >
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : order ? (
        <Opened order={order} />
      ) : (
        <Waiting lines={8} />
      )}
    </SidePanel>
  );
}

type Act = "replay" | "ask-supplier" | `messages/${string}/send-again`;

function Opened({ order }: { order: DeskOrder }) {
  const brand = useBrand();
  const me = useMe();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [dialog, setDialog] = useState<"cancel" | "refund" | null>(null);
  const took = (next: DeskOrder) => {
    queries.setQueryData(["order", brand, order.id], next);
    void queries.invalidateQueries({ queryKey: ["orders", brand] });
    void queries.invalidateQueries({ queryKey: ["member", brand, order.member.id] });
  };
  const act = useMutation({
    mutationFn: (what: Act) => call<DeskOrder>("POST", `/${brand}/orders/${order.id}/${what}`),
    onSuccess: took,
  });
  const replay = async () => {
    const yes = await confirm({
      title: tn("Try {n} step again?", "Try {n} steps again?", order.parked.length),
      act: t("Try again"),
      consequence: (
        <Stack gap={4}>
          {order.parked.map((job) => (
            <Text key={job.id} size="sm">
              {topicWords(job.topic)}
            </Text>
          ))}
          <Text size="sm" c="var(--muted)">
            {t("Nothing is ordered or charged twice: every step goes on under its own key.")}
          </Text>
        </Stack>
      ),
    });
    if (yes) act.mutate("replay", { onSuccess: () => done(t("Under way again")) });
  };
  const currency = order.currency;
  const paid = order.moneyMinor + order.feeMinor;
  const acts = me.may("orders:act");
  return (
    <Stack>
      {order.attention ? (
        <Alert
          role="alert"
          color="red"
          variant="light"
          icon={<TriangleAlert aria-hidden size={20} />}
          title={attentionWords(order.attention).title}
        >
          {attentionWords(order.attention).todo}
        </Alert>
      ) : null}
      {order.parked.length ? (
        <Card
          title={t("Steps that were given up")}
          actions={
            acts ? (
              <Button size="sm" loading={act.isPending} onClick={() => void replay()}>
                {t("Try again")}
              </Button>
            ) : null
          }
        >
          <Stack gap="xs">
            {order.parked.map((job) => (
              <div key={job.id}>
                <Text size="sm" fw={600}>
                  {topicWords(job.topic)}
                </Text>
                <Text size="sm" c="var(--muted)">
                  {tn("after {n} attempt", "after {n} attempts", job.attempts)},{" "}
                  <When at={job.parkedAt} ago />
                </Text>
                {job.lastError ? (
                  <Text size="xs" c="var(--muted)" className={classes.told ?? ""}>
                    {job.lastError}
                  </Text>
                ) : null}
              </div>
            ))}
          </Stack>
        </Card>
      ) : null}
      {acts ? (
        <Group gap="xs">
          {order.can.askSupplier ? (
            <Button
              variant="default"
              size="sm"
              onClick={() =>
                act.mutate("ask-supplier", {
                  onSuccess: () => done(t("The supplier is being asked")),
                })
              }
            >
              {t("Ask the supplier now")}
            </Button>
          ) : null}
          {order.can.cancel ? (
            <Button variant="default" size="sm" onClick={() => setDialog("cancel")}>
              {t("Cancel the order")}
            </Button>
          ) : null}
          {order.can.refund && me.may("orders:refund") ? (
            <Button variant="default" size="sm" onClick={() => setDialog("refund")}>
              {t("Refund")}
            </Button>
          ) : null}
        </Group>
      ) : null}
      <Card title={t("What was redeemed")} flush>
        <ul className={classes.lines}>
          {order.lines.map((line) => (
            <li key={line.line}>
              <div>
                <Text size="sm" fw={550}>
                  {line.quantity > 1 ? `${line.quantity} × ` : ""}
                  {titleOf(line.title)}
                </Text>
                <Text size="xs" c="var(--muted)">
                  {line.sku}
                </Text>
              </div>
              <Group gap="sm" justify="flex-end">
                {line.refundedQuantity ? (
                  <State tone="neutral">
                    {tn("{n} given back", "{n} given back", line.refundedQuantity)}
                  </State>
                ) : line.accepted !== null && line.accepted < line.quantity ? (
                  <State tone="warning">
                    {tn("{n} confirmed", "{n} confirmed", line.accepted)}
                  </State>
                ) : null}
                <Text size="sm" className="figures">
                  {amountWords(line.points, line.moneyMinor, currency)}
                </Text>
              </Group>
            </li>
          ))}
        </ul>
      </Card>
      <Card title={t("What was taken")}>
        <dl className={classes.facts}>
          <Fact title={t("Points")}>
            <Points n={order.points} />, {legWords(order.pointsLeg)}
          </Fact>
          <Fact title={t("Money")}>
            {paid ? (
              <>
                <Money of={{ minor: paid, currency }} />, {legWords(order.moneyLeg)}
                {order.feeMinor
                  ? ` (${t("with a fee of {fee}", {
                      fee: formatMoney({ minor: order.feeMinor, currency }),
                    })})`
                  : ""}
              </>
            ) : (
              legWords("none")
            )}
          </Fact>
          <Fact title={t("Supplier")}>
            {order.supplier}, {legWords(order.orderLeg)}
          </Fact>
          <Fact title={t("Stock")}>{legWords(order.stockLeg)}</Fact>
          <Fact title={t("Member")}>
            {me.may("members:read") ? (
              <Go to={`/members/${order.member.id}`} size="sm">
                {order.member.name ?? order.member.number}
              </Go>
            ) : (
              order.member.number
            )}
          </Fact>
          {order.shipTo ? <Fact title={t("Goes to")}>{addressOf(order.shipTo)}</Fact> : null}
          {order.pickupCode ? (
            <Fact title={t("Code at the counter")}>
              <span className="figures">{order.pickupCode}</span>
            </Fact>
          ) : null}
          <Fact title={t("Rules")}>
            {t("version {n} of the programme", { n: String(order.parametersVersion) })}
          </Fact>
        </dl>
        {order.refunds.map((refund) => (
          <Text key={refund.id} size="sm" mt="xs">
            <When at={refund.createdAt} />:{" "}
            {t("{amount} given back", {
              amount: amountWords(refund.points, refund.moneyMinor, currency),
            })}{" "}
            ({reasonWords(refund.reason)})
          </Text>
        ))}
      </Card>
      {order.parcels.length ? (
        <Card title={t("Parcels")}>
          <Stack gap="xs">
            {order.parcels.map((parcel) => (
              <Group key={parcel.reference} justify="space-between">
                <Text size="sm">
                  {parcel.carrier || t("Parcel")}{" "}
                  <span className="figures">{parcel.trackingNumber}</span>
                </Text>
                <Text size="sm">
                  {parcelWords(parcel.state)}, <When at={parcel.occurredAt} />
                </Text>
              </Group>
            ))}
          </Stack>
        </Card>
      ) : null}
      <Card title={t("What happened")}>
        <Timeline active={order.steps.length} bulletSize={14} lineWidth={2}>
          {order.steps.map((step, i) => (
            <Timeline.Item
              // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added
              key={i}
              color={
                ["attention", "refused", "supplier_refused"].includes(step.kind) ? "red" : "guerdon"
              }
              title={
                <Text size="sm" fw={550}>
                  {stepWords(step, currency)}
                </Text>
              }
            >
              <Text size="xs" c="var(--muted)">
                <When at={step.at} />
              </Text>
            </Timeline.Item>
          ))}
        </Timeline>
      </Card>
      <Card title={t("Written to the member")}>
        {order.messages.length ? (
          <Stack gap="xs">
            {order.messages.map((message) => (
              <Group key={message.id} justify="space-between" gap="4px 12px">
                <Text size="sm" flex="1 1 14rem">
                  {messageWords(message.kind)} ({message.channel === "sms" ? "SMS" : t("mail")}),{" "}
                  <When at={message.sentAt ?? message.createdAt} />
                </Text>
                <Group gap="xs" wrap="nowrap" flex="none">
                  <State tone={messageTone(message.state)}>{messageState(message.state)}</State>
                  {acts && message.state !== "queued" ? (
                    <Button
                      size="compact-xs"
                      variant="default"
                      onClick={() =>
                        act.mutate(`messages/${message.id}/send-again`, {
                          onSuccess: () => done(t("It is sent again")),
                        })
                      }
                    >
                      {t("Send again")}
                    </Button>
                  ) : null}
                </Group>
              </Group>
            ))}
          </Stack>
        ) : (
          <Text size="sm" c="var(--muted)">
            {t("Nothing yet.")}
          </Text>
        )}
      </Card>
      {dialog === "cancel" ? (
        <CancelDialog order={order} close={() => setDialog(null)} took={took} />
      ) : null}
      {dialog === "refund" ? (
        <RefundDialog order={order} close={() => setDialog(null)} took={took} />
      ) : null}
    </Stack>
  );
}

function Fact({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  );
}

function addressOf(to: Record<string, unknown>): string {
  return ["name", "line1", "line2", "postal_code", "city", "region", "country"]
    .map((key) => String(to[key] ?? ""))
    .filter(Boolean)
    .join(", ");
}
