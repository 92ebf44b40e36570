/** What the engine speaks of, in words. */

import type { MeasuredLine } from "@/api/types.gen";
import { mark, t, td } from "@/i18n";
import { formatPercent } from "@/i18n/formats";
import type { Tone } from "@/ui/Values";

export const KINDS: Record<MeasuredLine["kind"], string> = {
  co_branded_card: mark("Co-branded cards"),
  ancillary: mark("Ancillary products"),
  club: mark("Club packages"),
  catalogue: mark("Catalogue"),
};

export function kindWords(kind: string): string {
  return td(KINDS[kind as MeasuredLine["kind"]] ?? kind);
}

const VERDICTS: Record<MeasuredLine["verdict"], { tone: Tone; words: string }> = {
  gain: { tone: "positive", words: mark("More than the holdout") },
  loss: { tone: "danger", words: mark("Less than the holdout") },
  none: { tone: "neutral", words: mark("No difference") },
  too_little: { tone: "neutral", words: mark("Too little data") },
  no_holdout: { tone: "neutral", words: mark("No holdout") },
};

export function verdictOf(line: MeasuredLine): { tone: Tone; words: string } {
  const found = VERDICTS[line.verdict];
  return { tone: found.tone, words: td(found.words) };
}

const MILLION = 1_000_000;

/** Millionths as a share: 12.5 %. */
export function share(millionths: number): string {
  return formatPercent(millionths / MILLION, 1);
}

/** A lift with its sign: +12.5 %. */
export function signed(millionths: number): string {
  const size = Math.abs(millionths);
  const text = formatPercent(size / MILLION, size < MILLION / 10 ? 1 : 0);
  if (millionths === 0) return text;
  return millionths > 0 ? `+${text}` : `−${text}`;
}

/** The lift and its interval, or why there is none. */
export function liftWords(line: MeasuredLine): string {
  if (line.lift === null || line.low === null || line.high === null) return verdictOf(line).words;
  return t("{lift} ({low} to {high})", {
    lift: signed(line.lift),
    low: signed(line.low),
    high: signed(line.high),
  });
}

const METHODS: Record<string, string> = {
  als: mark("Taste of each member"),
  item_item: mark("Products that go together"),
  popularity: mark("Popularity"),
  trending: mark("Popularity with its trend"),
};

export function methodWords(method: string): string {
  return td(METHODS[method] ?? method);
}
