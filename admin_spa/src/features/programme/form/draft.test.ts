import { describe, expect, it } from "vitest";
import { drafted, valueAt } from "./draft";
import { below, itemAt, steps } from "./paths";

const CONTENT = {
  points: { earn_factor: "3", fee: { flat_minor: 490, percent: "0" } },
  tiers: {
    tiers: [
      { key: "blue", threshold: 0, name: { en: "Blue" } },
      { key: "gold", threshold: 1000, name: { en: "Gold" } },
    ],
  },
  catalogue: { fx: { USD: "5.40" }, categories: [] },
};

describe("a draft on top of a content", () => {
  it("changes a field and leaves what is given alone", () => {
    const made = drafted(CONTENT, [{ path: "points.fee.percent", value: "2.5" }]);
    expect(valueAt(made, "points.fee")).toEqual({ flat_minor: 490, percent: "2.5" });
    expect(CONTENT.points.fee.percent).toBe("0");
  });

  it("goes to an item by its key, adds, removes and orders items", () => {
    const made = drafted(CONTENT, [
      { path: "tiers.tiers[gold].threshold", value: 1500 },
      { path: "tiers.tiers[black]", value: { key: "black", threshold: 9000, name: {} } },
      { path: "tiers.tiers[black].threshold", value: 8000 },
      { path: "tiers.tiers[*]", value: ["gold", "blue", "black"] },
    ]);
    expect(valueAt(made, "tiers.tiers[*]")).toEqual(["gold", "blue", "black"]);
    expect(valueAt(made, "tiers.tiers[gold].threshold")).toBe(1500);
    expect(valueAt(made, "tiers.tiers[black].threshold")).toBe(8000);
    const fewer = drafted(made, [{ path: "tiers.tiers[blue]", value: undefined }]);
    expect(valueAt(fewer, "tiers.tiers[*]")).toEqual(["gold", "black"]);
  });

  it("puts the first item into an empty list, and entries into a dictionary", () => {
    const made = drafted(CONTENT, [
      { path: "catalogue.categories[home]", value: { key: "home", name: {} } },
      { path: "catalogue.fx.EUR", value: "6" },
      { path: "catalogue.fx.USD", value: undefined },
    ]);
    expect(valueAt(made, "catalogue.categories[home].key")).toBe("home");
    expect(valueAt(made, "catalogue.fx")).toEqual({ EUR: "6" });
  });
});

describe("paths", () => {
  it("quotes what would be read as something else", () => {
    expect(itemAt("a.b", "x y")).toBe('a.b["x y"]');
    expect(below("a", "v1.2")).toBe('a."v1.2"');
    expect(steps('a."v1.2"["x y"][*]')).toEqual([
      { name: "a" },
      { name: "v1.2" },
      { item: "x y" },
      { order: true },
    ]);
  });

  it("knows what cannot be a path", () => {
    expect(steps("a..b")).toEqual([]);
    expect(steps("a[")).toEqual([]);
  });
});
