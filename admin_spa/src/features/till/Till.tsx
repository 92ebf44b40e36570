import { Alert, Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef, useState } from "react";
import type { TillDay, TillHandedOver, TillJoined, TillMember, TillSale } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand } from "@/app/me";
import { language, t } from "@/i18n";
import { formatMoney, formatNumber, formatPoints, minorDigits } from "@/i18n/formats";
import { call } from "@/lib/http";
import { done } from "@/ui/notices";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { canScan, useScanner } from "./useScanner";

/** The till on a phone: a member's number and an amount, or the code of something to hand over. */
export function Till() {
  return (
    <Guarded permission="till:use" title={t("Till")}>
      <Counter />
    </Guarded>
  );
}

function Counter() {
  const brand = useBrand();
  const client = useQueryClient();
  const key = ["till-day", brand];
  const day = useQuery({
    queryKey: key,
    queryFn: () => call<TillDay>("GET", `/${brand}/till/day`),
  });
  const refresh = () => client.invalidateQueries({ queryKey: key });
  const told = day.data;
  return (
    <Page
      title={t("Till")}
      loading={day.isPending}
      error={day.error}
      retry={() => void day.refetch()}
    >
      {told ? (
        <Stack maw={520}>
          <Sell currency={told.currency} refresh={refresh} />
          <HandOver refresh={refresh} />
          <Join />
          <Card title={t("Your day")}>
            <Text>
              {t("Sales: {n}, {amount}", {
                n: formatNumber(told.sales),
                amount: formatMoney({ minor: told.amountMinor, currency: told.currency }),
              })}
            </Text>
            <Text>{t("Credited: {points}", { points: formatPoints(told.points) })}</Text>
            <Text>{t("Taken back: {n}", { n: formatNumber(told.undone) })}</Text>
            <Text>{t("Handed over: {n}", { n: formatNumber(told.handedOver) })}</Text>
          </Card>
        </Stack>
      ) : null}
    </Page>
  );
}

function Sell({ currency, refresh }: { currency: string; refresh: () => Promise<void> }) {
  const brand = useBrand();
  const [code, setCode] = useState("");
  const [amount, setAmount] = useState<number | string>("");
  const [saleId, setSaleId] = useState(() => crypto.randomUUID());
  const [sold, setSold] = useState<TillSale | null>(null);
  const digits = minorDigits(currency);
  const minor = typeof amount === "number" ? Math.round(amount * 10 ** digits) : 0;
  const find = useMutation({
    mutationFn: () => call<TillMember>("GET", `/${brand}/till/member`, { query: { code } }),
    meta: { shown: true },
  });
  const sell = useMutation({
    mutationFn: () =>
      call<TillSale>("POST", `/${brand}/till/sales`, {
        body: { saleId, code, amountMinor: minor },
      }),
    onSuccess: async (made) => {
      setSold(made);
      setCode("");
      setAmount("");
      setSaleId(crypto.randomUUID());
      find.reset();
      await refresh();
    },
    meta: { shown: true },
  });
  const undo = useMutation({
    mutationFn: (id: string) => call("POST", `/${brand}/till/sales/${id}/undo`),
    onSuccess: async () => {
      setSold(null);
      await refresh();
      done(t("The sale is taken back."));
    },
    meta: { shown: true },
  });
  const problem = find.error ?? sell.error ?? undo.error;
  return (
    <Card title={t("Sale")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (find.data) sell.mutate();
          else find.mutate();
        }}
      >
        <Stack>
          {problem ? <Problem error={problem} /> : null}
          <CodeField
            label={t("The member's code or number")}
            value={code}
            change={(typed) => {
              setCode(typed);
              find.reset();
            }}
          />
          {find.data ? (
            <>
              <Text role="status">
                {t("{name} has {points} to spend.", {
                  name: find.data.firstName,
                  points: formatPoints(find.data.available),
                })}
              </Text>
              <NumberInput
                label={t("Amount in {currency}", { currency })}
                value={amount}
                onChange={setAmount}
                decimalScale={digits}
                min={0}
                hideControls
                inputMode="decimal"
                size="lg"
                required
                data-autofocus
              />
            </>
          ) : null}
          <Button
            type="submit"
            size="lg"
            loading={find.isPending || sell.isPending}
            disabled={find.data ? minor < 1 : code === ""}
          >
            {find.data ? t("Credit the sale") : t("Find the member")}
          </Button>
        </Stack>
      </form>
      {sold ? (
        <Alert mt="md" color="green" role="status">
          <Text>
            {t("{name} gets {points}.", {
              name: sold.firstName,
              points: formatPoints(sold.points),
            })}
          </Text>
          <Button
            mt="xs"
            variant="default"
            loading={undo.isPending}
            onClick={() => undo.mutate(sold.saleId)}
          >
            {t("Take it back (within a minute)")}
          </Button>
        </Alert>
      ) : null}
    </Card>
  );
}

function Join() {
  const brand = useBrand();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const join = useMutation({
    mutationFn: () => call<TillJoined>("POST", `/${brand}/till/members`, { body: { email, name } }),
    onSuccess: () => {
      setEmail("");
      setName("");
    },
    meta: { shown: true },
  });
  return (
    <Card title={t("New member")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          join.mutate();
        }}
      >
        <Stack>
          {join.error ? <Problem error={join.error} /> : null}
          <TextInput
            label={t("E-mail of the customer")}
            type="email"
            value={email}
            onChange={(e) => setEmail(e.currentTarget.value)}
            maxLength={254}
            autoComplete="off"
            size="lg"
            required
          />
          <TextInput
            label={t("Name of the customer")}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
            maxLength={120}
            autoComplete="off"
            size="lg"
            required
          />
          <Button
            type="submit"
            size="lg"
            loading={join.isPending}
            disabled={email === "" || name === ""}
          >
            {t("Invite and make a member")}
          </Button>
        </Stack>
      </form>
      {join.data ? (
        <Alert mt="md" color="green" role="status">
          <Text>
            {t("{name} is a member now. Credit the sale to this code in the next five minutes:", {
              name: join.data.firstName,
            })}
          </Text>
          <Text fw={600}>{join.data.code.replace(/(\d{4})(?=\d)/g, "$1 ")}</Text>
        </Alert>
      ) : null}
    </Card>
  );
}

function HandOver({ refresh }: { refresh: () => Promise<void> }) {
  const brand = useBrand();
  const [code, setCode] = useState("");
  const give = useMutation({
    mutationFn: () => call<TillHandedOver>("POST", `/${brand}/till/hand-over`, { body: { code } }),
    onSuccess: async () => {
      setCode("");
      await refresh();
    },
    meta: { shown: true },
  });
  return (
    <Card title={t("Hand over")}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          give.mutate();
        }}
      >
        <Stack>
          {give.error ? <Problem error={give.error} /> : null}
          <CodeField
            label={t("Code of the reward, or the member's code")}
            value={code}
            change={setCode}
          />
          <Button type="submit" size="lg" loading={give.isPending} disabled={code === ""}>
            {t("Check the code and hand over")}
          </Button>
        </Stack>
      </form>
      {give.data ? (
        <Alert mt="md" color="green" role="status" title={t("Hand over now")}>
          {give.data.items.map((item) => (
            <Text key={JSON.stringify(item.title)} fw={600}>
              {item.quantity} × {item.title[language()] ?? Object.values(item.title)[0] ?? ""}
            </Text>
          ))}
        </Alert>
      ) : null}
    </Card>
  );
}

function CodeField({
  label,
  value,
  change,
}: {
  label: string;
  value: string;
  change: (code: string) => void;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const [on, setOn] = useState(false);
  const latest = useRef(change);
  latest.current = change;
  const found = useCallback((code: string) => {
    setOn(false);
    latest.current(code);
  }, []);
  const { refused } = useScanner(video, on, found);
  return (
    <Stack gap="xs">
      <Group align="flex-end" wrap="nowrap">
        <TextInput
          label={label}
          value={value}
          onChange={(e) => change(e.currentTarget.value)}
          maxLength={40}
          autoComplete="off"
          size="lg"
          required
          flex={1}
        />
        {canScan() ? (
          <Button size="lg" variant="default" onClick={() => setOn(!on)}>
            {on ? t("Stop") : t("Scan")}
          </Button>
        ) : null}
      </Group>
      {refused ? (
        <Text size="sm" role="status">
          {t("The camera is not open to this page. Type the number instead.")}
        </Text>
      ) : null}
      {on && !refused ? (
        <video ref={video} muted playsInline style={{ width: "100%", borderRadius: 8 }}>
          <track kind="captions" />
        </video>
      ) : null}
    </Stack>
  );
}
