import { expect, test } from "vitest";
import { stateNotice, stateWords } from "./tenantState";

const STATES = ["pending", "sandbox", "live", "past_due", "suspended", "closing", "closed"];

test("the badge says live only of what is live", () => {
  expect(STATES.map((one) => stateWords("production", one))).toEqual([
    "Being set up",
    "Sandbox",
    "Live",
    "Payment due",
    "Brand suspended",
    "Closing",
    "Brand closed",
  ]);
  expect(stateWords("demo", "live")).toBe("Demo");
  expect(stateWords("development", "live")).toBe("Sandbox");
  expect(stateWords("demo", "suspended")).toBe("Brand suspended");
});

test("what is not as usual is told with its day", () => {
  const told = STATES.filter((one) => stateNotice(one, "2026-12-06T10:00:00Z"));
  expect(told).toEqual(["pending", "past_due", "suspended", "closing"]);
  expect(stateNotice("past_due", "2026-12-06T10:00:00Z")?.what).toContain("Dec 6, 2026");
});
