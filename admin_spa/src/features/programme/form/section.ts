/** A section as a screen edits it: what is in force, and the draft on top of it. */

import { useQuery } from "@tanstack/react-query";
import { createContext, useContext, useMemo } from "react";
import { useBrand, useMe } from "@/app/me";
import { useBasket } from "@/basket/useBasket";
import { call } from "@/lib/http";
import { drafted, type Put, valueAt } from "./draft";
import type { Node } from "./schema";

export interface SectionAnswer {
  name: string;
  title: string;
  description: string;
  area: string;
  built: boolean;
  version: number;
  schema: Node;
  content: Record<string, unknown>;
}

export interface SectionForm {
  name: string;
  schema: Node;
  /** Both hold the section under its name, so that whole paths lead into them. */
  inForce: Record<string, unknown>;
  draft: Record<string, unknown>;
  /** The programme's languages, the default one first. */
  languages: string[];
  currency: string;
  /** Fields that say nothing as long as others are as they are. */
  hides: (path: string) => boolean;
  mayPropose: (area: string | undefined) => boolean;
  at: (path: string) => unknown;
  before: (path: string) => unknown;
}

export const sectionOptions = (brand: string, name: string) => ({
  queryKey: ["section", brand, name] as const,
  queryFn: () => call<SectionAnswer>("GET", `/${brand}/parameters/${name}`),
});

/** The section, and what its screen needs to edit it. */
export function useSection(name: string) {
  const brand = useBrand();
  const me = useMe();
  const basket = useBasket();
  const query = useQuery(sectionOptions(brand, name));
  const answer = query.data;
  const inForce = useMemo(() => (answer ? { [name]: answer.content } : undefined), [answer, name]);
  const own = useOwn(name, basket.edits);
  const draft = useMemo(() => (inForce ? drafted(inForce, own) : undefined), [inForce, own]);
  const form = useMemo<SectionForm | null>(
    () =>
      answer && inForce && draft
        ? {
            name,
            schema: answer.schema,
            inForce,
            draft,
            languages: me.brand.languages,
            currency: me.brand.currency,
            hides: () => false,
            mayPropose: (area) => me.proposes(area ?? answer.area),
            at: (path) => valueAt(draft, path),
            before: (path) => valueAt(inForce, path),
          }
        : null,
    [answer, name, inForce, draft, me],
  );
  return { query, answer, form };
}

/** The edits of one section; the same list as long as they are the same. */
function useOwn(name: string, edits: readonly Put[]): readonly Put[] {
  return useMemo(
    () => edits.filter((e) => e.path === name || e.path.startsWith(`${name}.`)),
    [name, edits],
  );
}

export const SectionContext = createContext<SectionForm | null>(null);

export function useForm(): SectionForm {
  const form = useContext(SectionContext);
  if (!form) throw new Error("no section around this field");
  return form;
}
