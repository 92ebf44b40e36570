/** Who is signed in at which brand, and what they may do. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { bestLanguage, keptLanguage, language, speak } from "@/i18n";
import { setProgramme } from "@/i18n/formats";
import { call, setCsrfToken } from "@/lib/http";

export interface Me {
  id: string;
  name: string;
  email: string;
  language: string;
  appearance: "system" | "light" | "dark";
  roles: string[];
  permissions: string[];
  areas: string[];
  authenticatedAt: string;
  csrfToken: string;
  /** Somebody of the platform's support is at work here. */
  support: { accessId: string; reason: string; writes: boolean; endsAt: string } | null;
  brand: {
    slug: string;
    name: string;
    /** No brand, but the house of the platform's own staff. */
    operator: boolean;
    status: string;
    statusEndsAt: string | null;
    /** The programme's time, where a sandbox's clock was moved. */
    programmeNow: string | null;
    environment: string;
    currency: string;
    timeZone: string;
    languages: string[];
    siteUrl: string;
    pointsName: Record<string, { one: string; other: string }>;
  };
}

async function readMe(brand: string): Promise<Me> {
  const me = await call<Me>("GET", `/${brand}/me`);
  setCsrfToken(me.csrfToken);
  const wanted = keptLanguage() ?? bestLanguage(me.language, ...navigator.languages);
  if (wanted !== language()) await speak(wanted);
  setProgramme({ zone: me.brand.timeZone, points: pointsName(me, wanted) });
  return me;
}

/** What the brand calls its points, in a language the reader knows, else in the brand's first. */
export function pointsName(me: Me, inLanguage: string): { one: string; other: string } | null {
  const names = me.brand.pointsName;
  return names[inLanguage] ?? names[me.brand.languages[0] ?? ""] ?? Object.values(names)[0] ?? null;
}

export const meOptions = (brand: string) => ({
  queryKey: ["me", brand],
  queryFn: () => readMe(brand),
  staleTime: 5 * 60_000,
  retry: false,
});

/** The brand of the address: its slug. */
export function useBrand(): string {
  const { brand } = useParams({ strict: false }) as { brand?: string };
  if (!brand) throw new Error("this screen is not below a brand");
  return brand;
}

/** The signed-in person; screens are shown only when there is one. */
export function useMe(): Me & {
  may: (permission: string) => boolean;
  proposes: (area: string) => boolean;
} {
  const { data } = useQuery(meOptions(useBrand()));
  if (!data) throw new Error("nobody is signed in");
  return {
    ...data,
    may: (permission) => data.permissions.includes(permission),
    proposes: (area) =>
      data.permissions.includes("parameters:propose") && data.areas.includes(area),
  };
}
