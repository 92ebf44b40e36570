/** What the drawing of the ladder is made of. */

export interface Bar {
  start: number;
  end: number | null;
  members: number;
}

/** The bars as the server counts them; the open last one only when somebody is in it. */
export function drawnBars(bars: Bar[]): Bar[] {
  const last = bars[bars.length - 1];
  return last && last.end === null && last.members === 0 && bars.length > 1
    ? bars.slice(0, -1)
    : bars;
}

/** A step above the highest: twice as far as the last step was, or a thousand. */
export function nextThreshold(tiers: { threshold: number }[]): number {
  const [last, before] = [...tiers].sort((a, b) => b.threshold - a.threshold);
  if (!last) return 0;
  const step = last.threshold - (before?.threshold ?? 0);
  return last.threshold + (step > 0 ? step * 2 : 1000);
}

const NARROWEST = 280; // of the drawing on a phone, in pixels
const LETTER = 7;
const GAP = 8;

/**
 * The row above the drawing that each threshold's name stands in, 0 next to it, so that no two
 * names of a row touch on a phone. The first name stands right of its line, others in the middle.
 */
export function nameRows(thresholds: { at: number; name: string }[], reach: number): number[] {
  const ends: number[] = [];
  const rows = thresholds.map(() => 0);
  const inOrder = [...thresholds.keys()].sort(
    (a, b) => (thresholds[a]?.at ?? 0) - (thresholds[b]?.at ?? 0),
  );
  for (const i of inOrder) {
    const { at, name } = thresholds[i] ?? { at: 0, name: "" };
    const width = name.length * LETTER;
    const line = reach > 0 ? (at / reach) * NARROWEST : 0;
    const start = at === 0 ? line : line - width / 2;
    const free = ends.findIndex((end) => end + GAP <= start);
    const row = free === -1 ? ends.length : free;
    ends[row] = start + width;
    rows[i] = row;
  }
  return rows;
}

/** Colours of the brand are data; the policy forbids them in markup, not in the object model. */
export function painted(colour: string) {
  return (element: HTMLElement | null) => {
    if (element) element.style.background = colour;
  };
}
