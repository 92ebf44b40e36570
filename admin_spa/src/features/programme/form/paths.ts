/** Addresses of parameters: `points.fee.percent`, `tiers.tiers[gold].threshold`, `[*]` the order. */

export type Step = { name: string } | { item: string } | { order: true };

export const KEY_FIELDS = ["key", "kid", "client_id"] as const;

const STEP =
  /(\.)?(?:([^\s.[\]"*]+)|("(?:[^"\\]|\\.)*"))|\[(?:(\*)|([^\s[\]"*]+)|("(?:[^"\\]|\\.)*"))\]/y;

/** `below("points", "fee")`, `below("catalogue.fx", "USD")`. */
export function below(path: string, name: string): string {
  return `${path}.${/^[^\s.[\]"*]+$/.test(name) ? name : JSON.stringify(name)}`;
}

/** `itemAt("tiers.tiers", "gold")`. */
export function itemAt(path: string, key: string): string {
  return `${path}[${/^[^\s[\]"*]+$/.test(key) ? key : JSON.stringify(key)}]`;
}

/** The order of a list's items. */
export function orderOf(path: string): string {
  return `${path}[*]`;
}

/** The steps of a path; nothing for one that cannot be read. */
export function steps(path: string): Step[] {
  const found: Step[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    if (!match) return [];
    const [, , name, quoted, order, key, quotedKey] = match;
    if (order) found.push({ order: true });
    else if (name !== undefined) found.push({ name });
    else if (quoted !== undefined) found.push({ name: JSON.parse(quoted) as string });
    else found.push({ item: key ?? (JSON.parse(quotedKey ?? '""') as string) });
  }
  return found;
}

/** The field that tells the items of a list apart, if every item has it. */
export function keyField(items: unknown[]): string | null {
  return (
    KEY_FIELDS.find((field) =>
      items.every((one) => typeof (one as Record<string, unknown> | null)?.[field] === "string"),
    ) ?? null
  );
}
