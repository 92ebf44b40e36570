import { mark } from "@/i18n";
import type { Tone } from "@/ui/Values";

/** What every import has, whatever its file holds. */
export interface FileImport {
  id: string;
  fileName: string;
  sizeBytes: number;
  position: number;
  state: "checking" | "checked" | "applying" | "applied" | "failed" | "discarded";
  checkedTotals: object | null;
  /** The lines that are refused, up to a number of them. */
  errors: object[];
  createdBy: string;
  createdAt: string;
}

/** Which imports they are. */
export interface Kind {
  /** Where they are below the brand, in the API and in the console. */
  at: string;
  title: string;
  /** The list of what is taken in: what it is called, and the words of the way there. */
  home: { at: string; title: string; see: string };
  /** Of what ended early. */
  failed: string;
}

export function stateOf(kind: Kind, one: FileImport): { words: string; tone: Tone } {
  return one.state === "failed" ? { words: kind.failed, tone: "danger" } : STATES[one.state];
}

const STATES: Record<Exclude<FileImport["state"], "failed">, { words: string; tone: Tone }> = {
  checking: { words: mark("Being looked through"), tone: "info" },
  checked: { words: mark("Looked through"), tone: "accent" },
  applying: { words: mark("Being taken in"), tone: "info" },
  applied: { words: mark("Taken in"), tone: "positive" },
  discarded: { words: mark("Dropped"), tone: "neutral" },
};
