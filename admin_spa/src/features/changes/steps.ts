import type { ChangeSetHead } from "@/api/types.gen";
import { t } from "@/i18n";

/** A step of a change set's way, as a sentence. */
export function stepWords(kind: string, who: string): string {
  switch (kind) {
    case "created":
      return t("{who} began it", { who });
    case "edited":
      return t("{who} edited it", { who });
    case "renamed":
      return t("{who} gave it another title", { who });
    case "submitted":
      return t("{who} submitted it for review", { who });
    case "approved":
      return t("{who} approved it", { who });
    case "returned":
      return t("{who} returned it", { who });
    case "rebased":
      return t("{who} took it over to a newer version", { who });
    case "scheduled":
      return t("{who} scheduled it", { who });
    case "unscheduled":
      return t("{who} took it off the schedule", { who });
    case "published":
      return t("{who} published it", { who });
    case "discarded":
      return t("{who} threw it away", { who });
    default:
      return `${who}: ${kind}`;
  }
}

/** When what is rolled out takes effect: for some, already. Null for what has its moment. */
export function rolloutWords(set: ChangeSetHead): string | null {
  const n = set.rolloutPercent;
  return n === null ? null : t("Rollout, {n} % of members", { n });
}
