/**
 * What a review shows beside the changes themselves: one line per feature, its code loaded with
 * the review. Each gets the change set.
 */

import { type ComponentType, lazy } from "react";
import type { ChangeSet } from "./basket/types";

export interface ReviewPart {
  key: string;
  permission: string;
  component: ComponentType<{ changeSet: ChangeSet }>;
}

type Load = () => Promise<Record<string, ComponentType<{ changeSet: ChangeSet }>>>;

/** `part("simulation", "simulation:run", () => import("./features/simulation/Part"), "Part")` */
export function part(key: string, permission: string, load: Load, name: string): ReviewPart {
  const component = lazy(async () => {
    const found = (await load())[name];
    if (!found) throw new Error(`${key} has no ${name}`);
    return { default: found };
  });
  return { key, permission, component };
}

export const REVIEW_PARTS: ReviewPart[] = [
  part(
    "simulation",
    "parameters:read",
    () => import("./features/simulation/SimulationPanel"),
    "SimulationPanel",
  ),
  part(
    "rollout",
    "parameters:read",
    () => import("./features/rollouts/RolloutPart"),
    "RolloutPart",
  ),
];
