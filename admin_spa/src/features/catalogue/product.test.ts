import { describe, expect, it } from "vitest";
import { blank, clashes, cleaned, type Draft, merged, slugOf } from "./product";

const base: Draft = {
  ...blank({ category: "drinks", supplier: "counter", currency: "USD", language: "en" }),
  slug: "latte",
  texts: { en: { name: "Latte", summary: "", description: "" } },
};

describe("an address", () => {
  it.each([
    ["Café com leite 250 g", "cafe-com-leite-250-g"],
    ["  --Ünïcode!-- ", "unicode"],
    ["a".repeat(90), "a".repeat(80)],
  ])("of %j is %j", (name, slug) => expect(slugOf(name)).toBe(slug));
});

describe("two edits of one product", () => {
  const mine = { ...base, featured: 5, return_days: 30 };
  const theirs = { ...base, featured: 9, category: "home" };

  it("clash only where both changed", () => {
    expect(clashes(base, mine, theirs)).toEqual([
      { field: "category", both: false },
      { field: "return_days", both: false },
      { field: "featured", both: true },
    ]);
  });

  it("come together, and somebody chooses where they clash", () => {
    const taken = merged(base, mine, theirs, new Set());
    expect([taken.category, taken.return_days, taken.featured]).toEqual(["home", 30, 9]);
    expect(merged(base, mine, theirs, new Set(["featured"])).featured).toBe(5);
  });
});

it("a language without a name is not sent", () => {
  const empty = { name: " ", summary: "x", description: "" };
  expect(Object.keys(cleaned({ ...base, texts: { ...base.texts, es: empty } }).texts)).toEqual([
    "en",
  ]);
});
