import { expect, it } from "vitest";
import { fieldsOf, plain } from "./settingsFinder";

it("finds fields below references, with their paths", () => {
  const schema = {
    properties: {
      price_factor: { title: "Points asked", description: "For one unit of money." },
      fee: { title: "Fee", $ref: "#/$defs/Fee" },
      validity: { title: "Validity", allOf: [{ $ref: "#/$defs/Validity" }] },
    },
    $defs: {
      Fee: { properties: { percent: { title: "Percent" } } },
      Validity: { properties: { months: { title: "Months" } } },
    },
  };
  expect(fieldsOf(schema).map((f) => f.path)).toEqual([
    "price_factor",
    "fee",
    "fee.percent",
    "validity",
    "validity.months",
  ]);
  expect(plain("Níveis")).toBe("niveis");
});
