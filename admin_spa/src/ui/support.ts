/** Words about the platform's access to a brand, for both sides. */

import { t } from "@/i18n";
import type { Tone } from "./Values";

export function accessWords(state: string): { text: string; tone: Tone } {
  switch (state) {
    case "asked":
      return { text: t("Waits for consent"), tone: "warning" };
    case "open":
      return { text: t("Has access"), tone: "danger" };
    case "refused":
      return { text: t("Refused"), tone: "neutral" };
    case "lapsed":
      return { text: t("Not answered"), tone: "neutral" };
    default:
      return { text: t("Over"), tone: "neutral" };
  }
}

export function ruleWords(rule: string): string {
  switch (rule) {
    case "allow":
      return t("The brand lets support look at once; to change things, an owner has to consent.");
    case "never":
      return t("The brand lets no support in.");
    default:
      return t("An owner of the brand has to consent first.");
  }
}
