import { expect, test } from "vitest";
import { parsePeople } from "./parse";

test("e-mails are read as people paste them", () => {
  expect(
    parsePeople('Ana Lima <ana@brand.com>, rui@brand.com;\n"Sá, Eva" <eva@brand.com>\n\n'),
  ).toEqual([
    { name: "Ana Lima", email: "ana@brand.com" },
    { name: "", email: "rui@brand.com" },
    { name: "Sá, Eva", email: "eva@brand.com" },
  ]);
  expect(parsePeople(" , ; \n")).toEqual([]);
});
