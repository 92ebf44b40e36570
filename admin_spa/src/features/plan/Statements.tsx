import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ReceiptText } from "lucide-react";
import type { UsageStatement, UsageStatements } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { formatMoney, formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Money } from "@/ui/Values";
import { Payment } from "./Payment";
import { amount, meterName, monthName } from "./words";

/** What closed months came to; a statement never changes. */
export function Statements() {
  const brand = useBrand();
  const found = useQuery({
    queryKey: ["statements", brand],
    queryFn: () => call<UsageStatements>("GET", `/${brand}/statements`),
    // A payment page is on its way, or money: the next look shows it.
    refetchInterval: (query) => (moving(query.state.data) ? 2_000 : false),
  });
  return (
    <Card title={t("Statements")} lead={t("One for each month that is over. It never changes.")}>
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : found.data ? (
        <List rows={found.data.items} brand={brand} />
      ) : (
        <Waiting />
      )}
    </Card>
  );
}

function moving(found: UsageStatements | undefined): boolean {
  const states = found?.items.map((one) => one.payment?.state) ?? [];
  return states.includes("opening") || states.includes("paying");
}

function List({ rows, brand }: { rows: UsageStatement[]; brand: string }) {
  const columns: Column<UsageStatement>[] = [
    {
      key: "month",
      title: t("Month"),
      width: "minmax(120px, 1fr)",
      phone: "title",
      render: (one) => monthName(one.period),
      value: (one) => one.period,
    },
    {
      key: "total",
      title: t("Total"),
      width: "120px",
      align: "end",
      render: (one) => <Money of={one.total} />,
      value: (one) => one.total.minor,
    },
    {
      key: "payment",
      title: t("Payment"),
      width: "minmax(180px, 2fr)",
      render: (one) => <Payment of={one} />,
      value: (one) => one.payment?.state ?? "",
    },
    {
      key: "beyond",
      title: t("Beyond the plan"),
      width: "minmax(160px, 2fr)",
      render: (one) => beyond(one),
      value: (one) => beyond(one),
    },
    {
      key: "cost",
      title: t("Cost to run, estimated"),
      width: "180px",
      optional: true,
      render: (one) => running(one),
      value: (one) => one.cost.costMicroUsd,
    },
    {
      key: "file",
      title: t("File"),
      width: "90px",
      render: (one) => (
        <Anchor
          size="sm"
          href={`/api/admin/v1/${brand}/statements/${one.period.slice(0, 7)}/csv`}
          download
          aria-label={t("CSV of {month}", { month: monthName(one.period) })}
        >
          CSV
        </Anchor>
      ),
    },
  ];
  return (
    <DataTable
      id="statements"
      label={t("Statements")}
      columns={columns}
      rows={rows}
      rowKey={(one) => one.period}
      height="auto"
      empty={
        <EmptyState title={t("No month is over yet")} icon={ReceiptText}>
          {t("The first statement is written in the first hours of next month.")}
        </EmptyState>
      }
    />
  );
}

function beyond(of: UsageStatement): string {
  const over = of.lines.filter((line) => line.over > 0);
  return over
    .map((line) => `${meterName(line.meter)} +${amount(line.meter, line.over)}`)
    .join(", ");
}

function running(of: UsageStatement): string {
  const cost = formatMoney({ minor: Math.round(of.cost.costMicroUsd / 10_000), currency: "USD" });
  const energy = formatNumber(of.cost.energyMwh / 1_000_000, { maximumFractionDigits: 3 });
  return t("{cost}, {energy} kWh", { cost, energy });
}
