import { Text } from "@mantine/core";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import type { ChangeSetOut, Rollout } from "@/api/types.gen";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, tx } from "@/i18n";
import { call } from "@/lib/http";
import type { Prepare } from "@/reviewParts";
import { Card } from "@/ui/Page";
import { When } from "@/ui/Values";

const OPEN = ["draft", "in_review", "returned", "approved"];

const rolloutsOptions = (brand: string, rowVersion: number) =>
  queryOptions({
    queryKey: ["rollouts", brand, rowVersion],
    queryFn: () => call<{ items: Rollout[] }>("GET", `/${brand}/rollouts`),
  });

export const prepare: Prepare = (client, brand, changeSet) =>
  client.prefetchQuery(rolloutsOptions(brand, changeSet.rowVersion));

/** On the page of a change set: whether some members have it first, and the way there. */
export function Part({ changeSet }: { changeSet: ChangeSetOut }) {
  const brand = useBrand();
  const me = useMe();
  const found = useQuery({
    ...rolloutsOptions(brand, changeSet.rowVersion),
    placeholderData: keepPreviousData,
  });
  if (!found.data) return null;
  const to = `/changes/${changeSet.id}/rollout`;
  const mine = found.data.items.find((one) => one.changeSetId === changeSet.id);
  if (mine) {
    return (
      <Card title={t("Rollout")} actions={<Go to={to}>{t("Compare both sides")}</Go>}>
        <Text size="sm">
          {mine.endedAt
            ? tx("Some members had it first, until {when}.", { when: <When at={mine.endedAt} /> })
            : t("{n} % of the members have it, the others do not yet.", { n: mine.percent })}
        </Text>
      </Card>
    );
  }
  if (!OPEN.includes(changeSet.state) || !me.may("parameters:publish")) return null;
  return (
    <Card title={t("Rollout")} actions={<Go to={to}>{t("Try it on some members first")}</Go>}>
      <Text size="sm">
        {t("Give it to a share of the members, and compare before everybody has it.")}
      </Text>
    </Card>
  );
}
