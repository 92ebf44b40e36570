/** A product as the editor holds it, and how two people's edits of one come together. */

export type Language = "en" | "pt-BR" | "es";
export type Status = "draft" | "published" | "withdrawn";
export type Delivery = "parcel" | "counter" | "digital";

export interface Texts {
  name: string;
  summary: string;
  description: string;
}

export interface Sku {
  sku: string;
  price: string;
  stock: number | null;
  external_id: string | null;
  offer: string | null;
  label: Partial<Record<Language, string>>;
}

export interface Picture {
  file: string;
  alt: Partial<Record<Language, string>>;
}

export interface Draft {
  slug: string;
  category: string;
  supplier: string;
  currency: string;
  texts: Partial<Record<Language, Texts>>;
  variants: Sku[];
  pictures: Picture[];
  delivery: Delivery;
  delivery_days: [number, number];
  return_days: number;
  featured: number;
  status: Status;
  valid_from: string | null;
  valid_to: string | null;
}

export function blank(given: {
  category: string;
  supplier: string;
  currency: string;
  language: Language;
}): Draft {
  return {
    slug: "",
    category: given.category,
    supplier: given.supplier,
    currency: given.currency,
    texts: { [given.language]: { name: "", summary: "", description: "" } },
    variants: [blankSku()],
    pictures: [],
    delivery: "parcel",
    delivery_days: [2, 5],
    return_days: 14,
    featured: 0,
    status: "draft",
    valid_from: null,
    valid_to: null,
  };
}

export function blankSku(): Sku {
  return { sku: "", price: "", stock: null, external_id: null, offer: null, label: {} };
}

/** "Café com leite 250 g" becomes "cafe-com-leite-250-g". */
export function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 80)
    .replace(/-+$/, "");
}

/** What is sent: languages without a name are left out. */
export function cleaned(draft: Draft): Draft {
  const texts = Object.fromEntries(
    Object.entries(draft.texts).filter(([, text]) => text?.name.trim()),
  );
  return { ...draft, texts };
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

export type FieldName = Exclude<keyof Draft, "slug" | "status">;

const FIELDS: FieldName[] = [
  "texts",
  "category",
  "supplier",
  "currency",
  "variants",
  "pictures",
  "delivery",
  "delivery_days",
  "return_days",
  "featured",
  "valid_from",
  "valid_to",
];

export interface Clash {
  field: FieldName;
  /** Both changed it, to different ends: somebody has to choose. */
  both: boolean;
}

/** What differs between mine and theirs, seen from what both started with. */
export function clashes(base: Draft, mine: Draft, theirs: Draft): Clash[] {
  return FIELDS.filter((f) => !same(mine[f], theirs[f])).map((field) => ({
    field,
    both: !same(base[field], mine[field]) && !same(base[field], theirs[field]),
  }));
}

/** Theirs, with my changes on top: where both changed, `mineWins` tells. */
export function merged(
  base: Draft,
  mine: Draft,
  theirs: Draft,
  mineWins: ReadonlySet<FieldName>,
): Draft {
  const result: Draft = { ...theirs };
  for (const { field, both } of clashes(base, mine, theirs)) {
    const own = both ? mineWins.has(field) : !same(base[field], mine[field]);
    if (own) Object.assign(result, { [field]: mine[field] });
  }
  return result;
}
