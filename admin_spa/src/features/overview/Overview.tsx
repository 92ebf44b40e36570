import { SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Overview as Told } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { FindingLine } from "@/basket/EditList";
import { t } from "@/i18n";
import { formatMoney, formatNumber, formatPoints } from "@/i18n/formats";
import { call } from "@/lib/http";
import { Card, Page } from "@/ui/Page";
import classes from "./Overview.module.css";
import { PointsByDay } from "./PointsByDay";
import { Recent } from "./Recent";
import { Tile } from "./Tile";
import { Waiting } from "./Waiting";

/** How the programme is doing, what changed, what waits. */
export function Overview() {
  return (
    <Guarded permission="overview:read" title={t("Overview")}>
      <Glance />
    </Guarded>
  );
}

function Glance() {
  const brand = useBrand();
  const found = useQuery({
    queryKey: ["overview", brand],
    queryFn: () => call<Told>("GET", `/${brand}/overview`),
    refetchInterval: 60_000,
  });
  return (
    <Page
      title={t("Overview")}
      width="full"
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {found.data ? <Content told={found.data} /> : null}
    </Page>
  );
}

function Content({ told }: { told: Told }) {
  const me = useMe();
  const serious = told.findings.filter((f) => f.severity === "error");
  const shown = serious.length ? serious : told.findings;
  return (
    <Stack gap="lg">
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="md">
        <Tile
          label={t("Points issued")}
          value={formatNumber(told.issued.now)}
          compared={told.issued}
          to={me.may("members:read") ? "/members" : undefined}
        />
        <Tile
          label={t("Points redeemed")}
          value={formatNumber(told.redeemed.now)}
          compared={told.redeemed}
          to={me.may("orders:read") ? "/orders" : undefined}
        />
        <Tile
          label={t("New members")}
          value={formatNumber(told.joined.now)}
          compared={told.joined}
          note={t("of {n} in all", { n: formatNumber(told.members) })}
          to={me.may("members:read") ? "/members" : undefined}
        />
        <Tile
          label={t("Liability")}
          value={formatMoney(told.liability)}
          note={formatPoints(told.outstanding)}
          to={me.may("parameters:read") ? "/programme/points" : undefined}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 3 }} spacing="md">
        <div className={classes.broad}>
          <Card title={t("Points by day")} lead={t("Last 30 days, and the 30 days before")}>
            <PointsByDay told={told} />
          </Card>
        </div>
        <Waiting told={told} />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        {me.may("parameters:read") ? <Recent /> : null}
        {shown.length && me.may("parameters:read") ? (
          <Card title={t("What the rules say of the programme in force")}>
            <Stack gap="xs">
              {shown.slice(0, 8).map((f) => (
                <FindingLine
                  key={f.path + f.code}
                  finding={{ ...f, severity: f.severity === "error" ? "error" : "warning" }}
                  place
                />
              ))}
              {shown.length > 8 ? (
                <Go to="/programme" size="sm">
                  {t("and {n} more", { n: shown.length - 8 })}
                </Go>
              ) : null}
            </Stack>
          </Card>
        ) : null}
      </SimpleGrid>
    </Stack>
  );
}
