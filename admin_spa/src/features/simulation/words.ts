/** A run, a refusal and a difference in words. */

import { mark, t, td } from "@/i18n";
import { formatNumber, formatPercent } from "@/i18n/formats";
import type { Tone } from "@/ui/Values";
import type { Simulation } from "./api";

const STATES: Record<Simulation["state"], { tone: Tone; text: string }> = {
  queued: { tone: "neutral", text: mark("Waiting") },
  running: { tone: "info", text: mark("Running") },
  done: { tone: "positive", text: mark("Done") },
  failed: { tone: "danger", text: mark("Failed") },
  cancelled: { tone: "neutral", text: mark("Cancelled") },
};

export function stateWords(run: Simulation): { tone: Tone; text: string } {
  const found = STATES[run.state];
  return { tone: found.tone, text: td(found.text) };
}

const REFUSALS: Record<string, string> = {
  not_enough_points: mark("Redemptions that members can no longer afford"),
  currency_differs: mark("Purchases in another currency"),
  no_rate: mark("Redemptions whose supplier's currency has no rate"),
  points_out_of_range: mark("Events that would exceed the largest balance"),
};

export function refusalWords(code: string): string {
  return td(REFUSALS[code] ?? code);
}

export function errorWords(run: Simulation): string {
  const error = run.error;
  if (error?.code === "window_too_large") {
    return t(
      "These days hold {events} events; at most {most} can be run. Choose up to {days} days.",
      {
        events: formatNumber(Number(error.params.events)),
        most: formatNumber(Number(error.params.most)),
        days: Number(error.params.days),
      },
    );
  }
  return error?.detail || t("The run broke off. Start it again.");
}

export function staleWords(run: Simulation): string | null {
  if (run.stale === "draft_changed") {
    return t("The change was edited after this run. Run it again to see what it does now.");
  }
  if (run.stale === "version_changed") {
    return t("Another version came into force after this run. Run it again to compare with it.");
  }
  return null;
}

/** "+4.2 %", or nothing where there is nothing to compare with. */
export function changePercent(before: number, after: number): string {
  if (before === after) return t("no difference");
  if (!before) return "";
  const ratio = (after - before) / Math.abs(before);
  // A tenth of a percent is the least that is shown.
  if (Math.abs(ratio) < 0.0005) return t("nearly nothing");
  return `${ratio > 0 ? "+" : ""}${formatPercent(ratio)}`;
}

export function tierName(names: Record<string, string>, tier: string | null, language: string) {
  if (!tier) return t("No tier");
  return names[language] || names.en || Object.values(names)[0] || tier;
}
