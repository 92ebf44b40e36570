import { expect, it } from "vitest";
import { drawnBars, nextThreshold } from "./picture";

const BARS = [
  { start: 0, end: 500, members: 3 },
  { start: 500, end: 1000, members: 1 },
  { start: 1000, end: null, members: 0 },
];

it("leaves out an open end that nobody reaches", () => {
  expect(drawnBars(BARS)).toHaveLength(2);
  expect(drawnBars(BARS.map((b) => ({ ...b, members: 1 })))).toHaveLength(3);
});

it("proposes a next step above the highest", () => {
  expect(nextThreshold([])).toBe(0);
  expect(nextThreshold([{ threshold: 0 }])).toBe(1000);
  expect(nextThreshold([{ threshold: 0 }, { threshold: 10_000 }])).toBe(30_000);
});
