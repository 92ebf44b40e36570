import type { TenantFigures } from "@/api/types.gen";
import { t } from "@/i18n";
import { formatNumber, formatPercent } from "@/i18n/formats";
import type { Tone } from "@/ui/Values";

/** Where a tenant stands, in a word. */
export function statusWords(status: string): { text: string; tone: Tone } {
  switch (status) {
    case "pending":
      return { text: t("Being set up"), tone: "neutral" };
    case "sandbox":
      return { text: t("Sandbox"), tone: "info" };
    case "live":
      return { text: t("Live"), tone: "positive" };
    case "past_due":
      return { text: t("Payment due"), tone: "warning" };
    case "suspended":
      return { text: t("Suspended"), tone: "danger" };
    case "closing":
      return { text: t("Closing"), tone: "warning" };
    case "closed":
      return { text: t("Closed"), tone: "neutral" };
    default:
      return { text: status, tone: "neutral" };
  }
}

export const STATUSES = [
  "pending",
  "sandbox",
  "live",
  "past_due",
  "suspended",
  "closing",
  "closed",
] as const;

export function healthWords(health: string): { text: string; tone: Tone } {
  switch (health) {
    case "unwell":
      return { text: t("Unwell"), tone: "danger" };
    case "warning":
      return { text: t("Look at it"), tone: "warning" };
    default:
      return { text: t("Well"), tone: "positive" };
  }
}

/** What is wrong, in words; a new problem shows its code. */
export function problemWords(problem: string): string {
  switch (problem) {
    case "parked_jobs":
      return t("Jobs failed too often and wait for a hand");
    case "late_jobs":
      return t("Jobs that are due are not taken");
    case "orders_wanting_attention":
      return t("Orders wait for a person");
    case "providers_failing":
      return t("A provider answers with errors");
    case "webhooks_failing":
      return t("Webhooks are not taken");
    case "letters_failing":
      return t("Letters or SMS are refused");
    default:
      return problem;
  }
}

/** How many answers of the last hour failed, and which part of all that is. */
export function failedWords({ failed, requests }: TenantFigures): string {
  if (!requests) return t("None, nothing was asked");
  return t("{failed} of {requests} ({share})", {
    failed: formatNumber(failed),
    requests: formatNumber(requests),
    share: formatPercent(failed / requests),
  });
}

export function limitWords(name: string): string {
  switch (name) {
    case "requests_per_minute":
      return t("Requests a minute");
    case "jobs_at_once":
      return t("Jobs at once");
    default:
      return name;
  }
}

export function flagWords(name: string): string {
  switch (name) {
    case "joining":
      return t("New members");
    case "earning":
      return t("Earning points");
    case "api":
      return t("The brand's API");
    default:
      return name;
  }
}

/** What leading a tenant there is called. */
export function wayWords(target: string): string {
  switch (target) {
    case "sandbox":
      return t("Back to the sandbox");
    case "live":
      return t("Make live");
    case "past_due":
      return t("Payment is due");
    case "suspended":
      return t("Suspend");
    case "closing":
      return t("Begin to close");
    case "closed":
      return t("Close for good");
    default:
      return target;
  }
}

export const LEVELS = ["info", "warning", "critical"] as const;

/** How urgent an announcement is. */
export function levelWords(level: string): { text: string; tone: Tone } {
  switch (level) {
    case "critical":
      return { text: t("Something is broken"), tone: "danger" };
    case "warning":
      return { text: t("Be prepared"), tone: "warning" };
    default:
      return { text: t("Good to know"), tone: "info" };
  }
}
