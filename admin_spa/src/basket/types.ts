/** Change sets as the admin API tells them. */

export type ChangeSetState =
  | "draft"
  | "in_review"
  | "approved"
  | "scheduled"
  | "published"
  | "superseded"
  | "discarded"
  | "returned";

export interface Edit {
  path: string;
  before?: unknown;
  after?: unknown;
  risk: string;
  /** A sentence in the reader's language. */
  words: string;
}

export interface Finding {
  path: string;
  code: string;
  message: string;
  severity: string;
}

export interface Conflict {
  path: string;
  base?: unknown;
  yours?: unknown;
  theirs?: unknown;
}

export interface Person {
  id: string;
  name: string;
}

export interface ChangeSet {
  id: string;
  title: string;
  note?: string | null;
  state: ChangeSetState;
  baseVersion: number;
  rowVersion: number;
  author: Person;
  editors: Person[];
  edits: Edit[];
  findings: Finding[];
  conflicts: Conflict[];
  risk: string;
  needsApproval: boolean;
  approvals: { by: Person; at: string; comment?: string | null }[];
  comments: { by: Person; at: string; text: string }[];
  effectiveAt?: string | null;
  publishedVersion?: number | null;
  createdAt: string;
  updatedAt: string;
}
