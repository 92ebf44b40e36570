import { expect, it } from "vitest";
import { drawnBars, nameRows, nextThreshold } from "./picture";

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

it("lifts a name that would touch the one before it", () => {
  const blue = { at: 0, name: "Blue" };
  const silver = { at: 10_000, name: "Silver" };
  const gold = { at: 12_000, name: "Gold" };
  expect(nameRows([blue, silver, gold], 20_000)).toEqual([0, 0, 1]);
  expect(nameRows([gold, blue, silver], 200_000)).toEqual([2, 0, 1]);
  expect(nameRows([blue, silver], 20_000)).toEqual([0, 0]);
  expect(nameRows([], 0)).toEqual([]);
});
