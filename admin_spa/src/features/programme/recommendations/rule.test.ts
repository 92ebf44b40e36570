import { describe, expect, it } from "vitest";
import { read, type TermType, written } from "./rule";

const TYPES: Record<string, TermType> = {
  tier: "text",
  balance: "number",
  tags: "texts",
  vip: "yes_no",
};

describe("a rule as rows", () => {
  it("is the same rule when it is written again", () => {
    for (const rule of [
      'tier == "gold" && balance >= 1000',
      'tier != "blue" || balance < -5',
      '"vip" in tags && !("staff" in tags)',
      "vip && !vip",
      'tier == "a && b"',
      'tier == "say \\"hi\\""',
      "",
    ]) {
      const rows = read(rule, TYPES);
      expect(rows, rule).not.toBeNull();
      if (rows) expect(written(rows, TYPES)).toBe(rule);
    }
  });

  it("stays text where rows cannot say it", () => {
    for (const rule of [
      "balance > 1 && balance < 5 || vip",
      "(balance > 1)",
      'tags.exists(t, t == "x")',
      "balance + 1 > 2",
      "tier == 5",
      'balance == "5"',
      "unknown == 1",
      "balance >",
    ]) {
      expect(read(rule, TYPES), rule).toBeNull();
    }
  });
});
