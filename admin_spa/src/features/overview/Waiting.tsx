import { CircleCheck } from "lucide-react";
import type { Overview } from "@/api/types.gen";
import { Go, type Search } from "@/app/links";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";
import { Card } from "@/ui/Page";
import classes from "./Overview.module.css";

const COUNTED_MAX = 100;

/** What waits for somebody, each a link to its rows. */
export function Waiting({ told }: { told: Overview }) {
  const me = useMe();
  const rows: { label: string; n: number; to: string; search?: Search; permission: string }[] = [
    {
      label: t("Change sets in review"),
      n: told.waiting.inReview,
      to: "/changes",
      search: { view: "in_review" },
      permission: "parameters:read",
    },
    {
      label: t("Change sets returned to their authors"),
      n: told.waiting.returned,
      to: "/changes",
      permission: "parameters:read",
    },
    {
      label: t("Changes on the schedule"),
      n: told.waiting.scheduled,
      to: "/scheduled",
      permission: "parameters:read",
    },
    {
      label: t("Orders that need somebody"),
      n: told.waiting.orders,
      to: "/orders",
      search: { attention: true },
      permission: "orders:read",
    },
    {
      label: t("Adjustments that wait for approval"),
      n: told.waiting.adjustments,
      to: "/members",
      permission: "members:approve_adjustment",
    },
  ];
  const shown = rows.filter((r) => r.n > 0 && me.may(r.permission));
  return (
    <Card title={t("What waits")}>
      {shown.length ? (
        <ul className={classes.waiting}>
          {shown.map((r) => (
            <li key={r.label}>
              <Go to={r.to} search={r.search ?? {}} className={classes.row}>
                <span>{r.label}</span>
                <b>{r.n >= COUNTED_MAX ? `${COUNTED_MAX}+` : r.n}</b>
              </Go>
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState title={t("Nothing waits")} icon={CircleCheck}>
          {t("Reviews, returned changes and orders that need somebody show up here.")}
        </EmptyState>
      )}
    </Card>
  );
}
