import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ChangeSetOut, Rollout } from "@/api/types.gen";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, tx } from "@/i18n";
import { call } from "@/lib/http";
import { Card } from "@/ui/Page";
import { When } from "@/ui/Values";

const OPEN = ["draft", "in_review", "returned", "approved"];

/** On the page of a change set: whether some members have it first, and the way there. */
export function RolloutPart({ changeSet }: { changeSet: ChangeSetOut }) {
  const brand = useBrand();
  const me = useMe();
  const found = useQuery({
    queryKey: ["rollouts", brand, changeSet.rowVersion],
    queryFn: () => call<{ items: Rollout[] }>("GET", `/${brand}/rollouts`),
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
