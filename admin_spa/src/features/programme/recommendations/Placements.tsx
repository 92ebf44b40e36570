import { Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { t, tn } from "@/i18n";
import { Effect } from "../Effect";
import type { RecommendationsEffect } from "../effects";
import { nameOf } from "../form/Items";
import { itemAt } from "../form/paths";
import { useForm } from "../form/section";
import { useKindName } from "./Kinds";
import classes from "./recommendations.module.css";
import { ShareBar } from "./Weight";

/** How the slots of each placement are shared among kinds. */
export function Placements({
  query,
  effect,
}: {
  query: UseQueryResult<RecommendationsEffect>;
  effect: RecommendationsEffect | undefined;
}) {
  const form = useForm();
  const kindName = useKindName();
  return (
    <Effect title={t("Resulting shares of the slots")} query={query}>
      {(told) => {
        const { placements, enabled } = effect ?? told;
        if (!placements.length) {
          return (
            <Text size="sm" c="var(--muted)">
              {t("There is no placement yet; below, say where recommendations stand.")}
            </Text>
          );
        }
        return (
          <>
            {enabled ? null : (
              <Text size="sm" c="var(--warning)" mb="sm">
                {t("Recommendations are switched off: every slot stays empty.")}
              </Text>
            )}
            {placements.map((one) => {
              const item = form.at(itemAt("recommendations.placements", one.key));
              const name = nameOf((item ?? {}) as Record<string, unknown>, form) || one.key;
              return (
                <div key={one.key} className={classes.placement} data-placement={one.key}>
                  <Text size="sm" fw={600}>
                    {name}{" "}
                    <Text span size="sm" c="var(--muted)" fw={400}>
                      {one.enabled ? tn("{n} slot", "{n} slots", one.slots) : t("off")}
                    </Text>
                  </Text>
                  {one.kinds.map((kind) => (
                    <div key={kind.key} className={classes.placementRow}>
                      <span>{kindName(kind.key)}</span>
                      <ShareBar of={kind} />
                    </div>
                  ))}
                </div>
              );
            })}
          </>
        );
      }}
    </Effect>
  );
}
