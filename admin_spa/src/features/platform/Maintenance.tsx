import { Box, Button } from "@mantine/core";
import { Wrench } from "lucide-react";
import { useState } from "react";
import type { MaintenanceRow } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { When } from "@/ui/Values";
import { MaintenanceForm } from "./MaintenanceForm";
import { useEndMaintenance, useMaintenances } from "./useMaintenance";

/** Who is read-only, and making everybody so. */
export function Maintenance() {
  return (
    <Guarded permission="tenants:read" title={t("Maintenance")}>
      <Resting />
    </Guarded>
  );
}

function Resting() {
  const me = useMe();
  const found = useMaintenances();
  const end = useEndMaintenance();
  const [asked, ask] = useState(false);
  const may = me.may("tenants:change");
  const items = found.data?.items ?? [];
  const everywhere = items.some((one) => one.slug === null);
  return (
    <Page
      title={t("Maintenance")}
      lead={t(
        "Read-only for a while: everybody reads on, changes are refused with when to come back, and nothing that providers tell is lost. One brand is made read-only on its own page.",
      )}
      width="full"
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      actions={
        may && !asked && !everywhere ? (
          <Button variant="default" c="red" onClick={() => ask(true)}>
            {t("Make everything read-only …")}
          </Button>
        ) : null
      }
    >
      {asked ? (
        <Box mb="md">
          <Card title={t("Make the whole deployment read-only")}>
            <MaintenanceForm
              at="/maintenance"
              lead={t(
                "No member redeems and no brand changes anything until you end it. Workers finish what they have in hand.",
              )}
              act={t("Make everything read-only")}
              close={() => ask(false)}
            />
          </Card>
        </Box>
      ) : null}
      <DataTable
        id="maintenance"
        label={t("Maintenance")}
        columns={columns(may, end.isPending, end.mutate)}
        rows={items}
        rowKey={(one) => one.slug ?? ""}
        empty={
          <EmptyState title={t("Nobody is read-only")} icon={Wrench}>
            {t("A maintenance that is on stands here until somebody ends it.")}
          </EmptyState>
        }
      />
    </Page>
  );
}

function columns(
  may: boolean,
  busy: boolean,
  end: (slug: string | null) => void,
): Column<MaintenanceRow>[] {
  const who = (one: MaintenanceRow) => one.slug ?? t("The whole deployment");
  return [
    {
      key: "who",
      title: t("Who"),
      width: "minmax(160px, 1fr)",
      phone: "title",
      render: who,
      value: who,
    },
    {
      key: "reason",
      title: t("Reason"),
      width: "minmax(220px, 3fr)",
      render: (one) => one.reason,
      value: (one) => one.reason,
    },
    {
      key: "since",
      title: t("Since"),
      width: "190px",
      render: (one) => <When at={one.since} />,
      value: (one) => one.since,
    },
    {
      key: "end",
      title: t("Until about"),
      width: "190px",
      render: (one) => <When at={one.expectedEnd} />,
      value: (one) => one.expectedEnd,
    },
    {
      key: "act",
      title: t("End"),
      width: "120px",
      render: (one) =>
        may ? (
          <Button
            size="xs"
            variant="default"
            disabled={busy}
            aria-label={t("End the maintenance: {who}", { who: who(one) })}
            onClick={() => end(one.slug)}
          >
            {t("End")}
          </Button>
        ) : null,
      value: () => "",
    },
  ];
}
