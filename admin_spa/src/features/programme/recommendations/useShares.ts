/** The shares of the draft: the server's, and while it works them out anew, the same rule here. */

import { useMemo } from "react";
import { useBasket } from "@/basket/useBasket";
import { type RecommendationsEffect, type Share, useEffectOf } from "../effects";
import { itemAt } from "../form/paths";
import { useForm } from "../form/section";
import { reweighed } from "./shares";

type Item = Record<string, unknown>;
export type OfferShare = RecommendationsEffect["offers"][number];

export interface Moving {
  path: string;
  weight: number;
}

export function useShares(moving: Moving | null) {
  const form = useForm();
  const basket = useBasket();
  const query = useEffectOf<RecommendationsEffect>("recommendations");
  const { data, isPlaceholderData } = query;
  const fresh = !basket.saving && !isPlaceholderData;
  const kinds = form.at("recommendations.kinds") as Record<string, Item> | undefined;
  const offers = form.at("recommendations.offers") as Item[] | undefined;

  const placements = useMemo(() => {
    if (!data || (fresh && !moving)) return data?.placements;
    const weightOf = (key: string) =>
      moving?.path === `recommendations.kinds.${key}.weight`
        ? moving.weight
        : (kinds?.[key]?.weight as number | undefined);
    return data.placements.map((p) => ({ ...p, kinds: reweighed(p.kinds, weightOf) }));
  }, [data, fresh, moving, kinds]);

  const ofOffer = moving?.path.startsWith("recommendations.offers[") ? moving : null;
  const shares = useMemo(() => {
    if (!data || (fresh && !ofOffer)) return data?.offers;
    const weights = new Map((offers ?? []).map((one) => [String(one.key), Number(one.weight)]));
    const weightOf = (key: string) =>
      ofOffer?.path === `${itemAt("recommendations.offers", key)}.weight`
        ? ofOffer.weight
        : weights.get(key);
    const byKind = new Map<string, Share[]>();
    for (const one of data.offers) {
      const mine = byKind.get(one.kind);
      if (mine) mine.push(one);
      else byKind.set(one.kind, [one]);
    }
    return [...byKind.values()].flatMap((mine) => reweighed(mine, weightOf)) as OfferShare[];
  }, [data, fresh, ofOffer, offers]);

  const effect = useMemo<RecommendationsEffect | undefined>(
    () => data && { ...data, placements: placements ?? [], offers: shares ?? [] },
    [data, placements, shares],
  );
  return { query, effect };
}
