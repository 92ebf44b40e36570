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

/** Colours of the brand are data; the policy forbids them in markup, not in the object model. */
export function painted(colour: string) {
  return (element: HTMLElement | null) => {
    if (element) element.style.background = colour;
  };
}
