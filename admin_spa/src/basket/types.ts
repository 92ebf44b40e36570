/** Change sets as the admin API tells them. */

import type { ChangeSetOut, ConflictOut, EditOut, FindingOut } from "@/api/types.gen";

export type ChangeSet = ChangeSetOut;
export type ChangeSetState = ChangeSetOut["state"];
export type Edit = EditOut;
export type Finding = FindingOut;
export type Conflict = ConflictOut;
export type Risk = EditOut["risk"];
export type Person = ChangeSetOut["author"];

/** In these states a set takes edits. */
export const EDITABLE: ReadonlySet<ChangeSetState> = new Set(["draft", "returned"]);
