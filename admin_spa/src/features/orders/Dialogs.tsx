import { Button, Group, Modal, NumberInput, Stack, Table, Text, Textarea } from "@mantine/core";
import { keepPreviousData, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Back, DeskOrder } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { call, send } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { Field } from "@/ui/Field";
import { done } from "@/ui/notices";
import { Problem } from "@/ui/Problem";
import { amountWords, titleOf } from "./words";

interface Props {
  order: DeskOrder;
  close: () => void;
  took: (next: DeskOrder) => void;
}

const REASON_MIN = 3;

const amount = (back: Back, currency: string) =>
  amountWords(back.points, back.moneyMinor, currency);

/** Cancelling, with what goes back in numbers. */
export function CancelDialog({ order, close, took }: Props) {
  const brand = useBrand();
  const [reason, setReason] = useState("");
  const cancel = useMutation({
    mutationFn: () =>
      call<DeskOrder>("POST", `/${brand}/orders/${order.id}/cancel`, { body: { reason } }),
    onSuccess: (next) => {
      took(next);
      close();
      done(t("The order is cancelled; everything goes back."));
    },
    meta: { shown: true },
  });
  const back = order.can.cancel;
  return (
    <Modal
      opened
      onClose={close}
      closeButtonProps={{ "aria-label": t("Close") }}
      title={t("Cancel order {number}?", { number: order.number })}
    >
      <Stack>
        <Text>
          {back
            ? t("{amount} go back to the member at once, and the stock is free again.", {
                amount: amount(back, order.currency),
              })
            : t("It can no longer be cancelled.")}
        </Text>
        <Reason value={reason} onChange={setReason} error={asProblem(cancel.error).at("reason")} />
        {cancel.error ? <Problem error={cancel.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Keep the order")}
          </Button>
          <Button
            color="red"
            disabled={!back || reason.trim().length < REASON_MIN}
            loading={cancel.isPending}
            onClick={() => cancel.mutate()}
          >
            {t("Cancel the order")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Giving pieces back, in the mix they were paid in. */
export function RefundDialog({ order, close, took }: Props) {
  const brand = useBrand();
  const [reason, setReason] = useState("");
  const [pieces, setPieces] = useState<Record<number, number>>(() =>
    Object.fromEntries(order.lines.map((line) => [line.line, line.left])),
  );
  const chosen = Object.entries(pieces)
    .filter(([, quantity]) => quantity > 0)
    .map(([line, quantity]) => ({ line: Number(line), quantity }));
  const preview = useQuery({
    queryKey: ["refund-preview", brand, order.id, chosen],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams(
        chosen.map(({ line, quantity }) => ["piece", `${line}:${quantity}`]),
      );
      const path = `/api/admin/v1/${brand}/orders/${order.id}/refund-preview?${query}`;
      return (await (await send(path, { signal })).json()) as Back;
    },
    enabled: chosen.length > 0,
    placeholderData: keepPreviousData,
  });
  const refund = useMutation({
    mutationFn: () =>
      call<DeskOrder>("POST", `/${brand}/orders/${order.id}/refund`, {
        body: { reason, pieces: chosen },
      }),
    onSuccess: (next) => {
      took(next);
      close();
      done(t("Given back; the member is told."));
    },
    meta: { shown: true },
  });
  return (
    <Modal
      opened
      onClose={close}
      size="lg"
      closeButtonProps={{ "aria-label": t("Close") }}
      title={t("Refund order {number}", { number: order.number })}
    >
      <Stack>
        <Table verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("What")}</Table.Th>
              <Table.Th ta="end">{t("Left")}</Table.Th>
              <Table.Th w={130}>{t("Give back")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {order.lines.map((line) => (
              <Table.Tr key={line.line}>
                <Table.Td>{titleOf(line.title)}</Table.Td>
                <Table.Td ta="end" className="figures">
                  {line.left}
                </Table.Td>
                <Table.Td>
                  <NumberInput
                    aria-label={t("Pieces of {name}", { name: titleOf(line.title) })}
                    min={0}
                    max={line.left}
                    allowDecimal={false}
                    clampBehavior="strict"
                    disabled={!line.left}
                    value={pieces[line.line] ?? 0}
                    onChange={(value) => setPieces({ ...pieces, [line.line]: Number(value) || 0 })}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text fw={600} aria-live="polite">
          {chosen.length && preview.data
            ? t("{amount} go back, in the mix they were paid in.", {
                amount: amount(preview.data, order.currency),
              })
            : t("Choose what goes back.")}
        </Text>
        {preview.error ? <Problem error={preview.error} /> : null}
        <Reason value={reason} onChange={setReason} error={asProblem(refund.error).at("reason")} />
        {refund.error ? <Problem error={refund.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("Leave it")}
          </Button>
          <Button
            disabled={!chosen.length || reason.trim().length < REASON_MIN}
            loading={refund.isPending}
            onClick={() => refund.mutate()}
          >
            {t("Give back")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Reason({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (text: string) => void;
  error: string | undefined;
}) {
  return (
    <Field label={t("Why")} hint={t("The member reads it.")} required error={error}>
      {(f) => (
        <Textarea
          {...f}
          autosize
          minRows={2}
          maxLength={200}
          value={value}
          onChange={(e) => onChange(e.currentTarget.value)}
        />
      )}
    </Field>
  );
}
