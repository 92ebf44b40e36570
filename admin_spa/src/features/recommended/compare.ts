/** Two slates held against each other. */

import type { TriedItem } from "@/api/types.gen";

export type Change = "new" | "gone" | "up" | "down" | "same";

export interface Placed {
  item: TriedItem;
  change: Change;
  /** Its place in the other slate, from 1; 0 where it has none. */
  other: number;
}

export const keyOf = (item: { kind: string; key: string }) => `${item.kind} ${item.key}`;

/** Each item of `mine` with what became of it; `then`: whether `mine` is the later of the two. */
export function placed(mine: TriedItem[], theirs: TriedItem[] | null, then: boolean): Placed[] {
  const places = new Map((theirs ?? []).map((item, n) => [keyOf(item), n + 1]));
  return mine.map((item, n) => {
    if (theirs === null) return { item, change: "same", other: n + 1 };
    const other = places.get(keyOf(item)) ?? 0;
    if (!other) return { item, change: then ? "new" : "gone", other };
    const by = then ? other - (n + 1) : n + 1 - other;
    return { item, change: by > 0 ? "up" : by < 0 ? "down" : "same", other };
  });
}
