/** A sandbox's time: what it shows, what lies ahead, moving on, and what happened on the way. */

import {
  Alert,
  Button,
  Group,
  List,
  NumberInput,
  Progress,
  Select,
  Stack,
  Table,
  Text,
  TextInput,
} from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarClock } from "lucide-react";
import { useState } from "react";
import type {
  ClockAhead,
  ClockHappening,
  ClockMove,
  MoveTestClock,
  TestClock as Told,
} from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { When } from "@/ui/Values";
import { aheadWords, detailWords, kindWords } from "./words";

const LOOK_MS = 500;
const UNITS = ["days", "months", "years", "toDay"] as const;
type Unit = (typeof UNITS)[number];

export function TestClock() {
  return (
    <Guarded permission="overview:read" title={t("Test clock")}>
      <Screen />
    </Guarded>
  );
}

const walks = (told: Told | undefined) => Boolean(told?.move && !told.move.endedAt);

function Screen() {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const path = `/${brand}/test-clock`;
  const found = useQuery({
    queryKey: ["test-clock", brand],
    queryFn: async () => {
      const told = await call<Told>("GET", path);
      // Every other screen shows this brand's time too.
      if (!walks(told)) await client.invalidateQueries({ queryKey: ["me", brand] });
      return told;
    },
    refetchInterval: ({ state }) => (walks(state.data) ? LOOK_MS : false),
  });
  const told = found.data;
  return (
    <Page
      title={t("Test clock")}
      lead={t(
        "Move the time of this sandbox forward and see what happens: points expire, tiers begin anew, scheduled changes come into force.",
      )}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {told ? (
        <Stack gap="lg">
          <Card title={t("Now in this brand")}>
            <Text size="xl" fw={600} data-testid="programme-now">
              {formatDateTime(told.now)}
            </Text>
            <Text size="sm" c="dimmed">
              {told.moved
                ? t("Everywhere else it is {now}.", { now: formatDateTime(told.realNow) })
                : t("This is the real time.")}
            </Text>
          </Card>
          {me.brand.status !== "sandbox" ? (
            <Alert color="blue" title={t("Only a sandbox has a clock that can be moved")}>
              {t("This brand lives in real time. Make a sandbox to try what time does.")}
            </Alert>
          ) : me.may("test_clock:move") && told.movable ? (
            <Mover path={path} moved={told.moved} refresh={() => found.refetch()} />
          ) : null}
          {told.move ? <Way move={told.move} happenings={told.happenings} /> : null}
        </Stack>
      ) : null}
    </Page>
  );
}

function Mover({
  path,
  moved,
  refresh,
}: {
  path: string;
  moved: boolean;
  refresh: () => Promise<unknown>;
}) {
  const confirm = useConfirm();
  const [unit, setUnit] = useState<Unit>("months");
  const [count, setCount] = useState<number>(1);
  const [day, setDay] = useState("");
  const wanted: MoveTestClock = unit === "toDay" ? { toDay: day } : { [unit]: count };
  const complete = unit === "toDay" ? day !== "" : count > 0;
  const ahead = useQuery({
    queryKey: ["test-clock-ahead", path, unit, count, day],
    queryFn: () => call<ClockAhead>("GET", `${path}/ahead`, { query: { ...wanted } }),
    enabled: complete,
  });
  const move = useMutation({
    mutationFn: () => call<Told>("POST", `${path}/move`, { body: wanted }),
    onSuccess: refresh,
    meta: { shown: true },
  });
  const ask = async () => {
    const yes =
      moved ||
      (await confirm({
        title: t("Move the time of this sandbox?"),
        consequence: t(
          "A clock never goes back, and a sandbox whose clock was moved cannot go live: take its parameters to a new brand for that. Members, points and orders of this sandbox live on in its own time.",
        ),
        act: t("Move the time"),
      }));
    if (yes) move.mutate();
  };
  return (
    <Card title={t("Move forward")}>
      <Stack>
        <Group align="end">
          <Select
            label={t("By")}
            allowDeselect={false}
            value={unit}
            onChange={(chosen) => setUnit((chosen ?? "months") as Unit)}
            data={[
              { value: "days", label: t("days") },
              { value: "months", label: t("months") },
              { value: "years", label: t("years") },
              { value: "toDay", label: t("to a day") },
            ]}
          />
          {unit === "toDay" ? (
            <TextInput
              type="date"
              label={t("Day")}
              value={day}
              onChange={(event) => setDay(event.currentTarget.value)}
            />
          ) : (
            <NumberInput
              label={t("How many")}
              min={1}
              max={unit === "years" ? 10 : 3660}
              allowDecimal={false}
              value={count}
              onChange={(value) => setCount(typeof value === "number" ? value : 0)}
            />
          )}
          <Button loading={move.isPending} disabled={!complete} onClick={() => void ask()}>
            {t("Move the time")}
          </Button>
        </Group>
        {move.error ? <Problem error={move.error} /> : null}
        {ahead.error ? <Problem error={ahead.error} /> : null}
        {ahead.data ? <Ahead ahead={ahead.data} /> : null}
      </Stack>
    </Card>
  );
}

function Ahead({ ahead }: { ahead: ClockAhead }) {
  return (
    <div>
      <Text size="sm" fw={550}>
        {t("Until {when}, as things stand:", { when: formatDateTime(ahead.until) })}
      </Text>
      {ahead.items.length ? (
        <List size="sm">
          {ahead.items.map((one) => (
            <List.Item key={one.kind}>{aheadWords(one)}</List.Item>
          ))}
        </List>
      ) : (
        <Text size="sm">{t("Nothing falls due.")}</Text>
      )}
    </div>
  );
}

function Way({ move, happenings }: { move: ClockMove; happenings: ClockHappening[] }) {
  const from = Date.parse(move.fromAt);
  const whole = Math.max(1, Date.parse(move.targetAt) - from);
  const share = ((Date.parse(move.reachedAt) - from) / whole) * 100;
  return (
    <Card
      title={
        move.endedAt
          ? t("From {from} to {to}", {
              from: formatDateTime(move.fromAt),
              to: formatDateTime(move.reachedAt),
            })
          : t("On the way to {to}", { to: formatDateTime(move.targetAt) })
      }
    >
      {move.endedAt ? null : (
        <Progress value={share} animated mb="md" aria-label={t("How far the clock has got")} />
      )}
      {happenings.length ? (
        <Table.ScrollContainer minWidth={420}>
          <Table data-testid="happenings">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("When")}</Table.Th>
                <Table.Th>{t("What happened")}</Table.Th>
                <Table.Th>{t("More about it")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {happenings.map((one) => (
                <Table.Tr key={one.seq} data-kind={one.kind}>
                  <Table.Td>
                    <When at={one.at} />
                  </Table.Td>
                  <Table.Td>{kindWords(one)}</Table.Td>
                  <Table.Td>{detailWords(one)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      ) : (
        <EmptyState title={t("Nothing fell due on the way")} icon={CalendarClock}>
          {t("No points, holds, payments or scheduled changes had their day.")}
        </EmptyState>
      )}
    </Card>
  );
}
