/** What a draft would do, asked again whenever the draft changes. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useBrand } from "@/app/me";
import { useBasket } from "@/basket/useBasket";
import type { MoneyValue } from "@/i18n/formats";
import { call } from "@/lib/http";

export interface Contrast {
  ink: string;
  ground: string;
  use: "text" | "control";
  ratio: number;
  needed: number;
}

export interface Scheme {
  tokens: Record<string, string>;
  contrasts: Contrast[];
}

export interface BrandingEffect {
  colour: string;
  neutral: string;
  moved: string | null;
  chosen: Contrast;
  light: Scheme;
  dark: Scheme;
  themes: { key: string; name: string; description: string; fonts: string }[];
  fonts: { key: string; label: string; heading: string; body: string }[];
  pointsName: Record<string, string>;
}

export interface PriceEffect {
  points: number | null;
  listPoints: number | null;
  value: MoneyValue | null;
  missingRate: string | null;
  stops: { points: number; money: MoneyValue; fee: MoneyValue }[];
}

export interface ProductEffect {
  id: string;
  slug: string;
  name: string;
  category: string;
  cost: MoneyValue;
  before: PriceEffect;
  after: PriceEffect;
}

export interface PointsEffect {
  tier: string | null;
  products: ProductEffect[];
  earning: { tier: string | null; amount: MoneyValue; before: number; after: number }[];
  givesBack: { spent: MoneyValue; before: MoneyValue; after: MoneyValue };
}

export interface TiersEffect {
  members: number;
  bars: { start: number; end: number | null; members: number }[];
  tiers: { tier: string; before: number; after: number }[];
  moves: { source: string; target: string; members: number }[];
  up: number;
  down: number;
  periodChanged: boolean;
}

export type ShareState = "live" | "off" | "not_yet" | "over" | "weightless";

export interface Share {
  key: string;
  weight: number;
  share: number;
  state: ShareState;
}

export interface RecommendationsEffect {
  enabled: boolean;
  day: string;
  placements: { key: string; enabled: boolean; slots: number; kinds: Share[] }[];
  offers: (Share & { kind: string; variants: Share[] })[];
}

type Query = Record<string, string | number | undefined>;

/** The effect of the basket's draft; what was shown stays until the new answer is there. */
export function useEffectOf<T>(kind: string, query: Query = {}) {
  const brand = useBrand();
  const basket = useBasket();
  const changeSet = basket.id ?? undefined;
  return useQuery({
    queryKey: ["effects", brand, kind, basket.revision, query],
    queryFn: ({ signal }) =>
      call<T>("GET", `/${brand}/effects/${kind}`, { query: { changeSet, ...query }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
}
