/** Calls about change sets, and the keys their answers are kept under. */

import { call } from "@/lib/http";
import type { ChangeSet } from "./types";

export type EditGiven =
  | { path: string; value: unknown }
  | { path: string; remove: true }
  | { path: string; revert: true };

export const changeSetKey = (brand: string, id: string) => ["change-set", brand, id] as const;

export const changeSetOptions = (brand: string, id: string) => ({
  queryKey: changeSetKey(brand, id),
  queryFn: () => call<ChangeSet>("GET", `/${brand}/change-sets/${id}`),
});

export function createChangeSet(brand: string, title: string): Promise<ChangeSet> {
  return call("POST", `/${brand}/change-sets`, { body: { title } });
}

export function editChangeSet(
  brand: string,
  id: string,
  rowVersion: number,
  edits: EditGiven[],
): Promise<ChangeSet> {
  return call("PATCH", `/${brand}/change-sets/${id}/edits`, { body: { rowVersion, edits } });
}

/** `submit`, `approve`, `return`, `publish`, `schedule`, `unschedule`, `discard`, `rebase`. */
export function actOnChangeSet(
  brand: string,
  id: string,
  act: string,
  body: Record<string, unknown> = {},
): Promise<ChangeSet> {
  return call("POST", `/${brand}/change-sets/${id}/${act}`, { body });
}
