import { expect, it } from "vitest";
import { allocate, reweighed } from "./shares";

// The same cases as the server's own test of its shares.
it.each<[number[], number[]]>([
  [
    [70, 30],
    [700, 300],
  ],
  [
    [50, 50, 50],
    [334, 333, 333],
  ],
  [
    [0, 0],
    [0, 0],
  ],
  [
    [1, 0, 2],
    [333, 0, 667],
  ],
])("%o of a thousand is %o", (weights, parts) => expect(allocate(1000, weights)).toEqual(parts));

it("sums to the whole for two thousand weights", () => {
  const parts = allocate(
    1000,
    Array.from({ length: 2000 }, (_, n) => n % 101),
  );
  expect(parts.reduce((a, b) => a + b)).toBe(1000);
});

it("gives nothing to what cannot be chosen", () => {
  const found = reweighed(
    [
      { key: "a", weight: 50, share: 500, state: "live" },
      { key: "b", weight: 50, share: 500, state: "live" },
      { key: "c", weight: 50, share: 0, state: "off" },
    ],
    (key) => (key === "b" ? 0 : undefined),
  );
  expect(found.map((one) => [one.share, one.state])).toEqual([
    [1_000_000, "live"],
    [0, "weightless"],
    [0, "off"],
  ]);
});
