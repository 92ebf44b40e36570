/** One offer beside the list: everything that steers it. */

import { Text } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { t } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";
import { SidePanel } from "@/ui/SidePanel";
import { Findings } from "../form/Findings";
import { nameOf } from "../form/Items";
import { Fields } from "../form/Node";
import { itemAt } from "../form/paths";
import { useForm } from "../form/section";
import classes from "./recommendations.module.css";
import { useShares } from "./useShares";
import { ShareBar } from "./Weight";

type Item = Record<string, unknown>;

/** Rendered inside the list's screen, so it stands in the same section. */
export function Offer() {
  const { offer } = useParams({ strict: false }) as { offer?: string };
  const form = useForm();
  const { effect } = useShares(null);
  const key = offer ?? "";
  const path = itemAt("recommendations.offers", key);
  const item = form.at(path) as Item | undefined;
  if (!item) {
    return (
      <SidePanel title={key} closeTo="/recommendations" size={620}>
        <EmptyState title={t("There is no such offer")}>
          {t("It may have been taken away in this change set.")}
        </EmptyState>
      </SidePanel>
    );
  }
  const share = effect?.offers.find((one) => one.key === key);
  const variants = (item.variants ?? []) as Item[];
  // Until the shares are told, what can be foretold of them holds their place.
  const shown = (effect ? (share?.variants ?? []) : variants).map((one) => String(one.key));
  return (
    <SidePanel title={nameOf(item, form) || key} closeTo="/recommendations" size={620}>
      <Findings path={path} />
      {share || !effect ? (
        <div className={classes.placementRow}>
          <span>{t("Share of its kind")}</span>
          <ShareBar of={share} />
        </div>
      ) : null}
      {shown.length ? (
        <>
          <Text size="sm" fw={600} mt="md">
            {t("Shares of its variants")}
          </Text>
          {shown.map((one) => (
            <div key={one} className={classes.placementRow} data-variant={one}>
              <span>{nameOf(variants.find((v) => v.key === one) ?? {}, form) || one}</span>
              <ShareBar of={share?.variants.find((v) => v.key === one)} />
            </div>
          ))}
        </>
      ) : null}
      <div className={classes.more}>
        <Fields node={form.schema.properties?.offers?.items ?? {}} path={path} except={["key"]} />
      </div>
    </SidePanel>
  );
}
