/** Shares while the server's answer is on its way: its rule, the largest remainder in millionths. */

import type { Share, ShareState } from "../effects";

export const WHOLE = 1_000_000;

/** `total` split by weights; the parts sum to it exactly, ties go to the earlier part. */
export function allocate(total: number, weights: number[]): number[] {
  const whole = weights.reduce((sum, w) => sum + w, 0);
  if (whole === 0) return weights.map(() => 0);
  const parts = weights.map((w) => Math.floor((total * w) / whole));
  const left = total - parts.reduce((sum, p) => sum + p, 0);
  const byRemainder = weights
    .map((w, i) => ({ i, rest: (total * w) % whole }))
    .sort((a, b) => b.rest - a.rest || a.i - b.i);
  for (const { i } of byRemainder.slice(0, left)) parts[i] = (parts[i] ?? 0) + 1;
  return parts;
}

/** Known shares with other weights: who is off or over stays without one. */
export function reweighed(known: Share[], weightOf: (key: string) => number | undefined): Share[] {
  const live = (state: ShareState) => state === "live" || state === "weightless";
  const weights = known.map((one) => weightOf(one.key) ?? one.weight);
  const parts = allocate(
    WHOLE,
    known.map((one, i) => (live(one.state) ? (weights[i] ?? 0) : 0)),
  );
  return known.map((one, i) => {
    const weight = weights[i] ?? 0;
    const state = live(one.state) ? (weight ? "live" : "weightless") : one.state;
    return { ...one, weight, state, share: parts[i] ?? 0 };
  });
}
