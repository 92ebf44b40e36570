// @vitest-environment node
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
// @ts-expect-error a script without types
import { check, readPo } from "../../scripts/catalogues.mjs";

describe("catalogues", () => {
  it("have every text of the console in every language, with the same gaps", () => {
    expect(check()).toEqual([]);
  });

  it("keep plural forms apart", () => {
    const entries = readPo("locales/pt-BR.po") as Map<string, { strings: string[] }>;
    expect(entries.get("{n} change")?.strings).toEqual(["{n} alteração", "{n} alterações"]);
    expect(readFileSync("locales/es.po", "utf8")).toContain("nplurals=2");
  });
});
