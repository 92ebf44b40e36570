/** The shares of the draft: the server's, and while it works them out anew, the same rule here. */

import { useMemo } from "react";
import { useBasket } from "@/basket/useBasket";
import { type RecommendationsEffect, type Share, useEffectOf } from "../effects";
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
  const told = !moving && !basket.saving && !isPlaceholderData;
  const kinds = form.at("recommendations.kinds") as Record<string, Item> | undefined;
  const offers = form.at("recommendations.offers") as Item[] | undefined;

  const effect = useMemo<RecommendationsEffect | undefined>(() => {
    if (!data || told) return data;
    const moved = (path: string) => (moving?.path === path ? moving.weight : undefined);
    const weights = new Map((offers ?? []).map((one) => [String(one.key), Number(one.weight)]));
    const kindWeight = (key: string) =>
      moved(`recommendations.kinds.${key}.weight`) ?? (kinds?.[key]?.weight as number | undefined);
    const offerWeight = (key: string) =>
      moved(`recommendations.offers[${key}].weight`) ?? weights.get(key);
    const byKind = new Map<string, Share[]>();
    for (const kind of new Set(data.offers.map((o) => o.kind))) {
      const mine = data.offers.filter((o) => o.kind === kind);
      byKind.set(kind, reweighed(mine, offerWeight));
    }
    return {
      ...data,
      placements: data.placements.map((p) => ({ ...p, kinds: reweighed(p.kinds, kindWeight) })),
      offers: [...byKind.values()].flat() as OfferShare[],
    };
  }, [data, told, moving, kinds, offers]);
  return { query, effect };
}
