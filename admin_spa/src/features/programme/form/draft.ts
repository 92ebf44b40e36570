/** A content with the edits of a change set on top, as the server will have it. */

import { keyField, type Step, steps } from "./paths";

export interface Put {
  path: string;
  /** Undefined: what stands there is taken away. */
  value: unknown;
}

type Content = Record<string, unknown>;

/** `content` with every edit in its place; what is given is not changed. */
export function drafted(content: Content, edits: readonly Put[]): Content {
  let result: unknown = content;
  for (const { path, value } of edits) {
    const way = steps(path);
    if (way.length) result = placed(result, way, value);
  }
  return result as Content;
}

/** What stands at a path. */
export function valueAt(content: unknown, path: string): unknown {
  let node = content;
  for (const step of steps(path)) {
    if ("name" in step) node = (node as Content | null | undefined)?.[step.name];
    else if (!Array.isArray(node)) return undefined;
    else {
      const field = keyField(node);
      if (field === null) return undefined;
      if ("order" in step) node = node.map((one: Content) => one[field]);
      else node = node.find((one: Content) => one[field] === step.item);
    }
  }
  return node;
}

function placed(node: unknown, [step, ...rest]: Step[], value: unknown): unknown {
  if (step === undefined) return value;
  if ("name" in step) {
    const made = { ...(node as Content | null | undefined) };
    const inner = placed(made[step.name], rest, value);
    if (inner === undefined) delete made[step.name];
    else made[step.name] = inner;
    return made;
  }
  const items = Array.isArray(node) ? (node as Content[]) : [];
  if ("order" in step) return ordered(items, Array.isArray(value) ? (value as string[]) : []);
  const field = keyField(items.length ? items : [value ?? {}]) ?? "key";
  const at = items.findIndex((one) => one[field] === step.item);
  const inner = placed(items[at], rest, value);
  if (inner === undefined) return items.filter((_, i) => i !== at);
  if (at < 0) return [...items, inner];
  return items.map((one, i) => (i === at ? inner : one));
}

function ordered(items: Content[], keys: string[]): Content[] {
  const field = keyField(items) ?? "key";
  const place = new Map(keys.map((key, i) => [key, i]));
  return items
    .map((one, i) => ({ one, rank: place.get(String(one[field])) ?? keys.length + i }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}
