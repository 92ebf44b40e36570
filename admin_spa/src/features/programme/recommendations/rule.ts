/** A rule as rows of term, operator and value, and back. What rows cannot say stays text. */

export type TermType = "text" | "number" | "yes_no" | "texts";

export interface Row {
  term: string;
  op: string;
  value: string;
}

export interface Rows {
  join: "all" | "any";
  rows: Row[];
}

export const OPERATORS: Record<TermType, string[]> = {
  text: ["==", "!="],
  number: [">=", "<=", ">", "<", "==", "!="],
  yes_no: ["is", "not"],
  texts: ["has", "has_not"],
};

const JOINS = { all: " && ", any: " || " } as const;

/** As the rule language writes it. */
export function written({ join, rows }: Rows, types: Record<string, TermType>): string {
  return rows.map((row) => one(row, types[row.term] ?? "text")).join(JOINS[join]);
}

function one({ term, op, value }: Row, type: TermType): string {
  switch (type) {
    case "number":
      return `${term} ${op} ${value.trim() || "0"}`;
    case "yes_no":
      return op === "not" ? `!${term}` : term;
    case "texts":
      return op === "has_not" ? `!(${quoted(value)} in ${term})` : `${quoted(value)} in ${term}`;
    default:
      return `${term} ${op} ${quoted(value)}`;
  }
}

const quoted = (text: string) => JSON.stringify(text);

const TEXT = `"(?:\\\\.|[^"\\\\])*"|'(?:\\\\.|[^'\\\\])*'`;
const COMPARED = new RegExp(`^(\\w+)\\s*(==|!=|>=|<=|>|<)\\s*(${TEXT}|-?\\d+)$`);
const HAS = new RegExp(`^(${TEXT})\\s+in\\s+(\\w+)$`);
const HAS_NOT = new RegExp(`^!\\s*\\(\\s*(${TEXT})\\s+in\\s+(\\w+)\\s*\\)$`);
const PIECES = new RegExp(`(${TEXT})|(&&)|(\\|\\|)`, "g");

/** The rows that a rule is, or null where it says more than rows can. */
export function read(rule: string, types: Record<string, TermType>): Rows | null {
  const text = rule.trim();
  if (!text) return { join: "all", rows: [] };
  const cuts = [...text.matchAll(PIECES)].filter((found) => !found[1]);
  const joins = new Set(cuts.map((found) => found[0]));
  if (joins.size > 1) return null;
  const rows: Row[] = [];
  let start = 0;
  for (const end of [...cuts.map((found) => found.index), text.length]) {
    const row = rowOf(text.slice(start, end).trim(), types);
    if (!row) return null;
    rows.push(row);
    start = end + 2;
  }
  return { join: joins.has("||") ? "any" : "all", rows };
}

function rowOf(text: string, types: Record<string, TermType>): Row | null {
  const has = HAS.exec(text) ?? HAS_NOT.exec(text);
  if (has?.[1] && has[2] && types[has[2]] === "texts") {
    return { term: has[2], op: text.startsWith("!") ? "has_not" : "has", value: plain(has[1]) };
  }
  const bare = /^(!?)\s*(\w+)$/.exec(text);
  if (bare?.[2] && types[bare[2]] === "yes_no") {
    return { term: bare[2], op: bare[1] ? "not" : "is", value: "" };
  }
  const [, term, op, value] = COMPARED.exec(text) ?? [];
  if (!term || !op || value === undefined) return null;
  const isText = value.startsWith('"') || value.startsWith("'");
  const type = types[term];
  if (type !== (isText ? "text" : "number") || !OPERATORS[type].includes(op)) return null;
  return { term, op, value: isText ? plain(value) : value };
}

function plain(literal: string): string {
  const inner = literal.slice(1, -1);
  return inner.replace(/\\(.)/g, "$1");
}
