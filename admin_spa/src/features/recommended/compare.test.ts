import { describe, expect, it } from "vitest";
import type { TriedItem } from "@/api/types.gen";
import { placed } from "./compare";

const slate = (...keys: string[]) => keys.map((key) => ({ kind: "club", key }) as TriedItem);
const changes = (...found: ReturnType<typeof placed>) =>
  found.map((one) => `${one.item.key} ${one.change} ${one.other}`);

describe("two slates", () => {
  it("say what is new, what moved, what is gone", () => {
    const before = slate("a", "b", "c");
    const after = slate("b", "d", "a");
    expect(changes(...placed(after, before, true))).toEqual(["b up 2", "d new 0", "a down 1"]);
    expect(changes(...placed(before, after, false))).toEqual(["a down 3", "b up 1", "c gone 0"]);
  });

  it("say nothing where there is no draft", () => {
    expect(changes(...placed(slate("a", "b"), null, false))).toEqual(["a same 1", "b same 2"]);
  });
});
