/**
 * What a review shows beside the changes themselves: one line per feature, its code loaded with
 * the review. Each gets the change set. What a part fetches first it fetches in `prepare`, which its
 * module may export: a review appears whole, so that the buttons under it do not move away.
 */

import type { QueryClient } from "@tanstack/react-query";
import { type ComponentType, lazy } from "react";
import type { ChangeSet } from "./basket/types";

export interface ReviewPart {
  key: string;
  permission: string;
  /** What to render; once prepared it is there at once and never shows a fallback. */
  component: () => ComponentType<{ changeSet: ChangeSet }>;
  prepare: Prepare;
}

export type Prepare = (
  client: QueryClient,
  brand: string,
  changeSet: ChangeSet,
) => Promise<unknown>;

interface Module {
  Part: ComponentType<{ changeSet: ChangeSet }>;
  prepare?: Prepare;
}

/** `part("simulation", "simulation:run", () => import("./features/simulation/Part"))` */
export function part(key: string, permission: string, load: () => Promise<Module>): ReviewPart {
  const later = lazy(async () => ({ default: (await load()).Part }));
  let loaded: Module | null = null;
  return {
    key,
    permission,
    component: () => loaded?.Part ?? later,
    prepare: async (...about) => {
      loaded = await load();
      await loaded.prepare?.(...about);
    },
  };
}

export const REVIEW_PARTS: ReviewPart[] = [
  part("simulation", "parameters:read", () => import("./features/simulation/SimulationPanel")),
  part("rollout", "parameters:read", () => import("./features/rollouts/RolloutPart")),
];
