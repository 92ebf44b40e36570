/** What a field's JSON Schema asks for, and whether a value meets it: the same bounds as the server. */

import { languageName, t, tn } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { KEY_FIELDS } from "./paths";

export interface Node {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: (string | number | null)[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  additionalProperties?: Node | boolean;
  propertyNames?: { pattern?: string };
  anyOf?: Node[];
  "x-unit"?: string;
  "x-risk"?: "low" | "medium" | "high";
  "x-area"?: string;
  "x-labels"?: Record<string, string>;
  "x-secret"?: boolean;
  "x-per"?: "language";
}

export type Kind =
  | "switch"
  | "choice"
  | "whole"
  | "money"
  | "decimal"
  | "colour"
  | "file"
  | "day"
  | "text"
  | "long"
  | "languages"
  | "entries"
  | "choices"
  | "words"
  | "items"
  | "struct";

// How the schema says that a whole number is an amount of money.
const MINOR = "minor units";
const LONG = 240;
const ADDRESS_MAX = 500;

/** The shape without its "or nothing", and whether nothing is allowed. */
export function shapeOf(node: Node): { shape: Node; optional: boolean } {
  if (!node.anyOf) return { shape: node, optional: false };
  const { anyOf, ...around } = node;
  const inner = anyOf.find((one) => one.type !== "null") ?? {};
  return {
    shape: { ...inner, ...around },
    optional: anyOf.some((one) => one.type === "null"),
  };
}

export function kindOf(node: Node): Kind {
  const { shape } = shapeOf(node);
  if (shape.enum) return "choice";
  switch (shape.type) {
    case "boolean":
      return "switch";
    case "integer":
      return shape["x-unit"] === MINOR ? "money" : "whole";
    case "array":
      if (shape.items?.enum) return "choices";
      return shape.items?.properties ? "items" : "words";
    case "object":
      if (shape.properties) return "struct";
      return shape["x-per"] === "language" ? "languages" : "entries";
    default:
      return textKind(shape);
  }
}

function textKind(shape: Node): Kind {
  const pattern = shape.pattern ?? "";
  if (pattern.includes("0-9a-f]{64}")) return "file";
  if (pattern.startsWith("^#[0-9a-fA-F]")) return "colour";
  if (pattern && new RegExp(pattern).test("1.5") && !new RegExp(pattern).test("a")) {
    return "decimal";
  }
  if (shape.format === "date") return "day";
  const longest = shape.maxLength ?? 0;
  return longest > LONG && longest !== ADDRESS_MAX ? "long" : "text";
}

/** Why a value cannot be taken, in words; null when it can. */
export function fault(node: Node, value: unknown): string | null {
  const { shape, optional } = shapeOf(node);
  if (value === null || value === undefined) {
    return optional ? null : t("A value is needed.");
  }
  if (typeof value === "number") return numberFault(shape, value);
  if (typeof value === "string") return textFault(shape, value);
  if (Array.isArray(value)) {
    if (shape.minItems !== undefined && value.length < shape.minItems) {
      return tn("Choose at least {n}.", "Choose at least {n}.", shape.minItems);
    }
    if (shape.maxItems !== undefined && value.length > shape.maxItems) {
      return tn("At most {n} is taken.", "At most {n} are taken.", shape.maxItems);
    }
    for (const one of value) {
      const wrong = shape.items && !shape.items.properties ? fault(shape.items, one) : null;
      if (wrong) return `${String(one)}: ${wrong}`;
    }
  }
  return null;
}

function numberFault(shape: Node, value: number): string | null {
  if (shape.type === "integer" && !Number.isSafeInteger(value)) return t("A whole number.");
  const { minimum, maximum } = shape;
  if ((minimum === undefined || value >= minimum) && (maximum === undefined || value <= maximum)) {
    return null;
  }
  if (minimum !== undefined && maximum !== undefined) {
    return t("From {min} to {max}.", { min: formatNumber(minimum), max: formatNumber(maximum) });
  }
  return minimum !== undefined
    ? t("At least {min}.", { min: formatNumber(minimum) })
    : t("At most {max}.", { max: formatNumber(maximum ?? 0) });
}

function textFault(shape: Node, value: string): string | null {
  const length = [...value].length;
  if (shape.enum) return shape.enum.includes(value) ? null : t("Choose one of the list.");
  if (shape.minLength !== undefined && length < shape.minLength) {
    return shape.minLength === 1
      ? t("A text is needed.")
      : t("At least {n} characters.", { n: shape.minLength });
  }
  if (shape.maxLength !== undefined && length > shape.maxLength) {
    return t("At most {n} characters; these are {length}.", { n: shape.maxLength, length });
  }
  if (shape.pattern && !new RegExp(shape.pattern, "u").test(value)) return patternFault(shape);
  return null;
}

function patternFault(shape: Node): string {
  switch (textKind(shape)) {
    case "decimal":
      return new RegExp(shape.pattern ?? "").test("101")
        ? t("A number without a sign, such as 12 or 0.5.")
        : t("A number from 0 to 100.");
    case "colour":
      return t("A colour such as #1f4fa8.");
    default:
      if (/^\^\[A-Z\]\{\d\}\$$/.test(shape.pattern ?? "")) {
        return t("Capital letters only, such as {example}.", {
          example: shape.pattern?.includes("{3}") ? "USD" : "US",
        });
      }
      return /^\^\[a-z/.test(shape.pattern ?? "")
        ? t("Small letters and digits without spaces.")
        : t("Not in the form that is asked for.");
  }
}

/** The field by which a list's items are told apart, and its shape. */
export function keyOf(item: Node): { field: string; node: Node } | null {
  for (const field of KEY_FIELDS) {
    const node = item.properties?.[field];
    if (node) return { field, node };
  }
  return null;
}

/** A new value: defaults, and the least where there is none. */
export function blank(node: Node): unknown {
  const { shape, optional } = shapeOf(node);
  if (shape.default !== undefined) return structuredClone(shape.default);
  if (optional) return null;
  if (shape.enum) return shape.enum[0];
  switch (shape.type) {
    case "object":
      return shape.properties ? blankStruct(shape) : {};
    case "array":
      return shape.minItems && shape.items?.enum ? [shape.items.enum[0]] : [];
    case "integer":
      return shape.minimum ?? 0;
    case "boolean":
      return false;
    default:
      return kindOf(shape) === "decimal" ? "0" : "";
  }
}

function blankStruct(shape: Node): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(shape.properties ?? {}).map(([name, inner]) => [name, blank(inner)]),
  );
}

/** What a field is called: the schema's words, else its own name. */
export function titleOf(node: Node, path: string): string {
  const { shape } = shapeOf(node);
  if (shape.title) return shape.title;
  const name = path.split(".").at(-1)?.replaceAll("_", " ") ?? path;
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** A choice in words, as the server has them for the middle of a sentence. */
export function labelOf(node: Node, value: unknown): string {
  const { shape } = shapeOf(node);
  const labels = shape["x-labels"] ?? shape.items?.["x-labels"];
  const words = labels?.[String(value)] ?? languageName(String(value).replaceAll("_", " "));
  return words.charAt(0).toUpperCase() + words.slice(1);
}
