/** Finds settings by the words of their title and help, and leads to the very field. */

import type { ParametersOut } from "@/api/types.gen";
import { language, mark } from "@/i18n";
import { call } from "@/lib/http";
import { addFinder, type Found } from "./palette";

interface Schema {
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  $ref?: string;
  $defs?: Record<string, Schema>;
  allOf?: Schema[];
  anyOf?: Schema[];
}

interface Setting extends Found {
  words: string;
}

const SHOWN_MAX = 8;
const DEPTH_MAX = 4;
const known = new Map<string, Promise<Setting[]>>();

export function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();
}

/** Every titled field of a section's schema, with its path inside the section. */
export function fieldsOf(section: Schema): { path: string; title: string; description: string }[] {
  const found: { path: string; title: string; description: string }[] = [];
  const walk = (node: Schema, path: string, depth: number) => {
    for (const [name, raw] of Object.entries(resolved(section, node).properties ?? {})) {
      const field = { ...resolved(section, raw), ...raw };
      const at = path ? `${path}.${name}` : name;
      if (field.title) {
        found.push({ path: at, title: field.title, description: field.description ?? "" });
      }
      if (depth < DEPTH_MAX) walk(field, at, depth + 1);
    }
  };
  walk(section, "", 1);
  return found;
}

function resolved(section: Schema, node: Schema): Schema {
  const one = node.$ref ? node : (node.allOf?.[0] ?? node.anyOf?.find((s) => s.$ref) ?? node);
  const name = one.$ref?.split("/").pop();
  return (name ? section.$defs?.[name] : undefined) ?? one;
}

async function load(brand: string): Promise<Setting[]> {
  const told = await call<ParametersOut>("GET", `/${brand}/parameters`);
  return Object.values(told.sections).flatMap((section) =>
    fieldsOf(section.schema as Schema).map((field) => ({
      id: `${section.name}.${field.path}`,
      title: field.title,
      hint: section.title,
      to: `/programme/${section.name}#${encodeURIComponent(field.path)}`,
      words: plain(`${field.title} ${field.description} ${section.title} ${field.path}`),
    })),
  );
}

addFinder({
  id: "settings",
  group: mark("Settings"),
  permission: "parameters:read",
  find: async (brand, words) => {
    const key = `${brand} ${language()}`;
    let all = known.get(key);
    if (!all) {
      all = load(brand);
      known.set(key, all);
      all.catch(() => known.delete(key));
    }
    const wanted = plain(words).split(/\s+/);
    const hits = (await all).filter((s) => wanted.every((word) => s.words.includes(word)));
    // Titles that begin with what was typed come first.
    const first = (s: Setting) => (plain(s.title).startsWith(wanted[0] ?? "") ? 0 : 1);
    return hits.sort((a, b) => first(a) - first(b)).slice(0, SHOWN_MAX);
  },
});
