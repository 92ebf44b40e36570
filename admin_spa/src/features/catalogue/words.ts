import { language, mark, t, td } from "@/i18n";
import type { Tone } from "@/ui/Values";
import type { Delivery, FieldName, Status } from "./product";

const STATUS: Record<Status, { words: string; tone: Tone }> = {
  draft: { words: mark("Draft"), tone: "neutral" },
  published: { words: mark("Published"), tone: "positive" },
  withdrawn: { words: mark("Withdrawn"), tone: "warning" },
};

export const statusWords = (status: Status): string => td(STATUS[status].words);
export const statusTone = (status: Status): Tone => STATUS[status].tone;

const DELIVERY: Record<Delivery, string> = {
  parcel: mark("By parcel"),
  counter: mark("At the counter"),
  digital: mark("By e-mail"),
};

export const deliveryWords = (delivery: Delivery): string => td(DELIVERY[delivery]);

const FIELD: Record<FieldName, string> = {
  texts: mark("Texts"),
  category: mark("Category"),
  supplier: mark("Supplier"),
  currency: mark("Currency"),
  variants: mark("Variants and prices"),
  pictures: mark("Pictures"),
  delivery: mark("Delivery"),
  delivery_days: mark("Days until delivery"),
  return_days: mark("Days to return"),
  featured: mark("Rank in the list"),
  valid_from: mark("Shown from"),
  valid_to: mark("Shown until"),
};

export const fieldWords = (field: FieldName): string => td(FIELD[field]);

const HELD: Record<string, string> = {
  offer_restricted: mark("the supplier restricts it"),
  category_unknown: mark("its category does not exist any more"),
  never_published: mark("it was never published"),
};

export const heldWords = (code: string): string => td(HELD[code] ?? code);

/** What is wrong with a line that an import refuses. */
export function wrongWords(line: { column: string; code: string; text: string; reason: string }) {
  switch (line.code) {
    case "category_unknown":
      return t("There is no such category.");
    case "no_rate":
      return t("The programme has no exchange rate for this currency.");
    case "sku_taken":
      return t("The SKU belongs to another product.");
    case "repeated":
      return t("This product stands further up already.");
    case "formula":
      return t("A value must not look like a formula.");
    case "columns":
      return t("The line has more or fewer values than the heading.");
    case "no_csv":
      return t("The line is no CSV.");
    case "not_utf8":
      return t("The line is not UTF-8.");
    case "line_too_long":
      return t("The line is too long.");
  }
  return line.column
    ? t("This is no value for {column}.", { column: line.column.replace(/^variants.*\./, "") })
    : line.reason;
}

/** What to do about a line that an import refuses. */
export function fixFor(column: string, code: string): string {
  switch (code) {
    case "category_unknown":
      return t("Use the key of a category of the programme, or add the category there first.");
    case "no_rate":
      return t("Add an exchange rate under Catalogue rules, or use another currency.");
    case "sku_taken":
      return t("Give this variant a SKU of its own, or correct the slug.");
    case "repeated":
      return t("Move all lines of a product next to each other.");
    case "formula":
      return t("Take away the sign at the beginning: = + - @");
    case "columns":
      return t("Check for a comma too many or too few, and for quotes that are not closed.");
    case "no_csv":
      return t("Check the quotes: each one that opens has to close on the same line.");
    case "not_utf8":
      return t("Save the file as CSV UTF-8.");
    case "line_too_long":
      return t("A quote is not closed, or the text is too long.");
  }
  switch (column.replace(/^variants.*\./, "").replace(/_.*$/, "")) {
    case "slug":
      return t("Small letters, digits and hyphens, such as espresso-cup.");
    case "price":
      return t("A number above zero with a point, such as 19.90.");
    case "stock":
      return t("A whole number; leave it empty for no limit.");
    case "sku":
      return t("Letters, digits, points, hyphens; each SKU once.");
    case "currency":
      return t("Three capital letters, such as USD.");
    case "name":
    case "texts":
      return t("Give the product a name in at least one language.");
    case "delivery":
      return t("parcel, counter or digital; the first day is not after the last.");
    case "status":
      return t("draft, published or withdrawn.");
    case "days":
    case "return":
    case "featured":
      return t("A whole number.");
  }
  return t("Correct the value and send the file again.");
}

/** A category as its members know it. */
export function shelfName(shelf: {
  key: string;
  name: Record<string, string | undefined>;
}): string {
  return shelf.name[language()] ?? Object.values(shelf.name)[0] ?? shelf.key;
}
