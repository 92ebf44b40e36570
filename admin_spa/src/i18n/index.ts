/**
 * Words in the reader's language. English texts are the keys; `locales/<language>*.po` hold the
 * translations, compiled into JSON when the console is built.
 */

import { createElement, Fragment, type ReactNode } from "react";

export const LANGUAGES = { en: "English", "pt-BR": "Português", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

/** A language by its own name, whoever reads. */
export function languageName(code: string): string {
  return (LANGUAGES as Record<string, string>)[code] ?? code;
}

type Messages = Record<string, string | readonly string[]>;
type Values = Record<string, string | number>;

const loaders: Record<Exclude<Language, "en">, () => Promise<{ default: Messages }>> = {
  "pt-BR": () => import("./messages/pt-BR.json"),
  es: () => import("./messages/es.json"),
};
const KEPT = "console.language";

let current: Language = "en";
let messages: Messages = {};

/** The language that is shown. */
export function language(): Language {
  return current;
}

/** The first of `wishes` that we speak (`pt` is met by `pt-BR`), else English. */
export function bestLanguage(...wishes: (string | null | undefined)[]): Language {
  const known = Object.keys(LANGUAGES) as Language[];
  for (const wish of wishes) {
    if (!wish) continue;
    const found =
      known.find((l) => l.toLowerCase() === wish.toLowerCase()) ??
      known.find((l) => l.split("-")[0] === wish.split("-")[0]?.toLowerCase());
    if (found) return found;
  }
  return "en";
}

/** What was chosen in this browser before, if anything. */
export function keptLanguage(): Language | null {
  const kept = localStorage.getItem(KEPT);
  return kept ? bestLanguage(kept) : null;
}

/** Load a language and make it the one that `t` answers in. */
export async function speak(next: Language, keep = false): Promise<void> {
  messages = next === "en" ? {} : (await loaders[next]()).default;
  current = next;
  document.documentElement.lang = next;
  if (keep) localStorage.setItem(KEPT, next);
}

/** `text` in the reader's language, `{name}` replaced by `values.name`. */
export function t(text: string, values?: Values): string {
  const found = messages[text];
  return filled(typeof found === "string" && found !== "" ? found : text, values);
}

/** The form of a counted text: `tn("{n} member", "{n} members", n)`; `{n}` is formatted. */
export function tn(one: string, other: string, n: number, values?: Values): string {
  const forms = messages[one];
  const singular = new Intl.PluralRules(current).select(n) === "one";
  const found = Array.isArray(forms) ? forms[singular ? 0 : 1] : undefined;
  const shown = new Intl.NumberFormat(current).format(n);
  return filled(found || (singular ? one : other), { n: shown, ...values });
}

/** Like `t`, with elements in the gaps: `tx("By {who}", { who: <b>Ana</b> })`. */
export function tx(text: string, values: Record<string, ReactNode>): ReactNode {
  const parts = t(text).split(/\{(\w+)\}/);
  return createElement(
    Fragment,
    null,
    // Odd parts are names of gaps; the order of parts never changes for one text.
    ...parts.map((part, i) =>
      i % 2 ? createElement(Fragment, { key: part }, values[part]) : part,
    ),
  );
}

/** Marks a text for translation where it is written but not yet shown; `td` translates it. */
export function mark(text: string): string {
  return text;
}

/** A text that is known only at run time: marked with `mark`, or told by the server. */
export function td(text: string, values?: Values): string {
  return t(text, values);
}

function filled(text: string, values?: Values): string {
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}
