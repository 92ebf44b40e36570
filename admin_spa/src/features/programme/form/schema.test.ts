import { describe, expect, it } from "vitest";
import { blank, fault, kindOf, labelOf, type Node } from "./schema";

const DECIMAL: Node = { type: "string", pattern: "^\\d{1,9}(\\.\\d{1,9})?$" };
const PERCENT: Node = { type: "string", pattern: "^(100|\\d{1,2}(\\.\\d{1,4})?)$" };
const WHOLE: Node = { type: "integer", minimum: 60, maximum: 86_400 };
const TIER: Node = {
  type: "object",
  properties: {
    key: { type: "string", pattern: "^[a-z][a-z0-9_]{0,39}$" },
    threshold: { type: "integer", minimum: 0 },
    earn_multiplier: { ...DECIMAL, default: "1" },
    name: { type: "object", additionalProperties: { type: "string" }, "x-per": "language" },
  },
  required: ["key", "threshold"],
};

describe("kinds of fields", () => {
  it.each<[string, Node]>([
    ["switch", { type: "boolean" }],
    ["choice", { enum: ["a", "b"] }],
    ["whole", WHOLE],
    ["money", { type: "integer", minimum: 0, "x-unit": "minor units" }],
    ["decimal", DECIMAL],
    ["decimal", PERCENT],
    ["decimal", { anyOf: [DECIMAL, { type: "null" }] }],
    ["colour", { type: "string", pattern: "^#[0-9a-fA-F]{6}$" }],
    ["file", { type: "string", pattern: "^([0-9a-f]{64}\\.(svg|png|webp|jpg))?$" }],
    ["day", { anyOf: [{ type: "string", format: "date" }, { type: "null" }] }],
    ["text", { type: "string", maxLength: 80 }],
    ["long", { type: "string", maxLength: 2000 }],
    ["text", { type: "string", maxLength: 500 }],
    ["text", { type: "string", pattern: "^[A-Z]{3}$" }],
    ["text", { type: "string", pattern: "^([A-Za-z0-9]{1,11})?$" }],
    ["choices", { type: "array", items: { enum: ["card"] } }],
    ["words", { type: "array", items: { type: "string" } }],
    ["items", { type: "array", items: TIER }],
    ["struct", TIER],
    ["entries", { type: "object", additionalProperties: DECIMAL }],
    ["languages", { type: "object", additionalProperties: {}, "x-per": "language" }],
  ])("%s", (kind, node) => expect(kindOf(node)).toBe(kind));
});

describe("what is refused before it is sent", () => {
  it.each<[Node, unknown, string | null]>([
    [WHOLE, 59, "From 60 to 86,400."],
    [WHOLE, 60, null],
    [WHOLE, 60.5, "A whole number."],
    [WHOLE, null, "A value is needed."],
    [DECIMAL, "1,5", "A number without a sign, such as 12 or 0.5."],
    [DECIMAL, "-1", "A number without a sign, such as 12 or 0.5."],
    [DECIMAL, "0.5", null],
    [PERCENT, "101", "A number from 0 to 100."],
    [{ anyOf: [DECIMAL, { type: "null" }] }, null, null],
    [{ type: "string", minLength: 1 }, "", "A text is needed."],
    [{ type: "string", maxLength: 3 }, "abcd", "At most 3 characters; these are 4."],
    [{ type: "string", pattern: "^[A-Z]{3}$" }, "usd", "Capital letters only, such as USD."],
    [{ type: "array", minItems: 1, items: { enum: ["card"] } }, [], "Choose at least 1."],
    [{ type: "array", items: { enum: ["card"] } }, ["pix"], "pix: Choose one of the list."],
  ])("%o %o", (node, value, reason) => expect(fault(node, value)).toBe(reason));
});

it("makes a new item of defaults and the least values", () => {
  expect(blank(TIER)).toEqual({ key: "", threshold: 0, earn_multiplier: "1", name: {} });
});

it("names a choice by the server's words, else by itself", () => {
  expect(labelOf({ enum: ["a_b"], "x-labels": { a_b: "Told" } }, "a_b")).toBe("Told");
  expect(labelOf({ enum: ["half_up"] }, "half_up")).toBe("Half up");
});
