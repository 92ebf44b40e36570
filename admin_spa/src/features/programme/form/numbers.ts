/** Numbers as the reader types them: their own decimal mark, the server's in the value. */

import { language } from "@/i18n";
import { formatMoney, formatNumber, minorDigits } from "@/i18n/formats";
import type { Kind } from "./schema";

function part(of: string, type: "group" | "decimal"): string {
  const parts = new Intl.NumberFormat(of).formatToParts(12_345.6);
  return parts.find((p) => p.type === type)?.value ?? (type === "group" ? "" : ".");
}

export function decimalMark(of: string): string {
  return part(of, "decimal");
}

/** Spanish groups from five digits on; in a field every four are grouped all the same. */
export function thousandsMark(of: string): string {
  return part(of, "group");
}

/** A value as it stands in its field; money in its major unit. */
export function typedOf(kind: Kind, value: unknown, currency: string): string {
  if (value === null || value === undefined) return "";
  const text = kind === "money" ? major(Number(value), currency) : String(value);
  return kind === "decimal" || kind === "money" ? text.replace(".", decimalMark(language())) : text;
}

/** Minor units as a decimal text, exact: 490 is "4.90". */
export function major(minor: number, currency: string): string {
  const digits = minorDigits(currency);
  const text = String(minor).padStart(digits + 1, "0");
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
}

/** A decimal text as minor units; NaN where it is no amount of that currency. */
export function minor(text: string, currency: string): number {
  const digits = minorDigits(currency);
  const match = /^(\d{1,13})(?:\.(\d+))?$/.exec(text);
  if (!match || (match[2]?.length ?? 0) > digits) return Number.NaN;
  return Number(`${match[1]}${(match[2] ?? "").padEnd(digits, "0")}`);
}

/** What was typed as a value: null when it is empty, undefined when it is not there yet. */
export function madeOf(kind: Kind, typed: string, currency: string): unknown {
  const text = typed.trim();
  switch (kind) {
    case "whole":
      return text === "" ? null : Number(text);
    case "decimal":
      return text === "" ? null : pointed(text);
    case "money":
      return text === "" ? null : minor(pointed(text), currency);
    case "day":
      return text === "" ? null : text;
    default:
      return typed;
  }
}

/** Either mark is understood: who copies a price brings its mark along. */
function pointed(text: string): string {
  const mark = decimalMark(language());
  return text.replace(mark === "," ? /,/ : /,(?=\d+$)/, ".").replace(/^\./, "0.");
}

/** A value in words. */
export function shown(kind: Kind, value: unknown, currency: string): string {
  if (kind === "money") return formatMoney({ minor: Number(value), currency });
  if (kind === "whole") return formatNumber(Number(value));
  if (kind === "decimal") return formatNumber(Number(value), { maximumFractionDigits: 9 });
  return String(value);
}
