import { Anchor, Button, Group, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { UsageStatement, UsageStatements } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDate } from "@/i18n/formats";
import { call } from "@/lib/http";
import { State } from "@/ui/Values";
import { monthName } from "./words";

/** What became of a statement's money, and the way to pay it. */
export function Payment({ of }: { of: UsageStatement }) {
  const payment = of.payment;
  if (!payment) return <Text size="sm">{t("Nothing to pay")}</Text>;
  if (payment.state === "paid")
    return (
      <State tone="positive">
        {t("Paid on {day}", { day: payment.paidAt ? formatDate(payment.paidAt) : "" })}
      </State>
    );
  if (payment.state === "paying") return <State tone="info">{t("Being paid")}</State>;
  const day = formatDate(payment.dueAt);
  return (
    <Group gap="xs" wrap="wrap">
      <State tone={payment.overdue ? "danger" : "warning"}>
        {payment.overdue ? t("Overdue since {day}", { day }) : t("To pay by {day}", { day })}
      </State>
      {payment.decline ? (
        <Text size="sm" c="dimmed">
          {t("The last card was declined")}
        </Text>
      ) : null}
      <Way of={of} />
    </Group>
  );
}

function Way({ of }: { of: UsageStatement }) {
  const brand = useBrand();
  const me = useMe();
  const client = useQueryClient();
  const month = of.period.slice(0, 7);
  const ask = useMutation({
    mutationFn: () => call<UsageStatements>("POST", `/${brand}/statements/${month}/pay`),
    onSuccess: (found) => client.setQueryData(["statements", brand], found),
  });
  const label = t("Pay the statement of {month}", { month: monthName(of.period) });
  if (!me.may("brand:pay")) return null;
  if (of.payment?.url)
    return (
      <Anchor href={of.payment.url} size="sm" aria-label={label}>
        {t("Pay")}
      </Anchor>
    );
  const opening = of.payment?.state === "opening";
  return (
    <Button
      size="compact-sm"
      aria-label={opening ? t("The payment page is being made") : label}
      loading={opening || ask.isPending}
      onClick={() => ask.mutate()}
    >
      {t("Pay")}
    </Button>
  );
}
