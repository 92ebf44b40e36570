import type { HistoryEntry } from "@/api/types.gen";
import { language, mark, t, td } from "@/i18n";
import { formatDay, formatMoney, formatNumber, formatPoints } from "@/i18n/formats";
import type { Tone } from "@/ui/Values";

const STATUS: Record<string, { words: string; tone: Tone }> = {
  active: { words: mark("Active"), tone: "positive" },
  blocked: { words: mark("Blocked"), tone: "danger" },
  erased: { words: mark("Erased"), tone: "neutral" },
};
export const statusWords = (status: string): string => td(STATUS[status]?.words ?? status);
export const statusTone = (status: string): Tone => STATUS[status]?.tone ?? "neutral";

export const KINDS: Record<string, string> = {
  earn: mark("Earned"),
  redeem: mark("Used"),
  refund: mark("Came back"),
  adjust: mark("By hand"),
  expire: mark("Expired"),
  reverse: mark("Taken back"),
};
export const kindWords = (kind: string): string => td(KINDS[kind] ?? kind);

type Told = Record<string, unknown>;

function titleIn(told: Told): string {
  const title = told.title;
  if (title && typeof title === "object") {
    const by = title as Record<string, string>;
    return by[language()] ?? Object.values(by)[0] ?? "";
  }
  return String(title ?? "");
}

function moneyIn(told: Told): string {
  if (told.amount_minor === undefined || told.amount_minor === null) return "";
  return formatMoney({ minor: Number(told.amount_minor), currency: String(told.currency) });
}

function reasonIn(told: Told): string {
  const reason = String(told.reason ?? "");
  const known: Record<string, string> = {
    member: t("The member cancelled the order"),
    supplier_partial: t("The supplier had not all of it"),
    return: t("A return"),
    returned: t("A return"),
    returned_purchase: t("The purchase was returned"),
  };
  return known[reason] ?? reason;
}

/** One line of the history: what it was about. */
export function entryWords(entry: HistoryEntry): string {
  const told = entry.explanation as Told;
  switch (entry.kind) {
    case "earn": {
      const money = moneyIn(told);
      const note = String(told.note ?? "");
      if (money) return t("Purchase of {money}", { money });
      return note || t("Points from {source}", { source: entry.source ?? "–" });
    }
    case "redeem":
      return titleIn(told) || t("Redeemed");
    case "refund":
      return reasonIn(told) || t("Points came back");
    case "adjust":
      if (told.rule === "opening_balance") return t("Opening balance");
      return reasonIn(told) || t("A correction");
    case "expire":
      return t("Points passed their last day");
    case "reverse":
      return reasonIn(told) || t("A purchase was taken back");
  }
  return entry.kind;
}

function decimal(text: unknown): string {
  return formatNumber(Number(text), { maximumFractionDigits: 9 });
}

/** Everything that made the number, as label and value. */
export function facts(
  entry: HistoryEntry,
  people: { askedBy: string; approvedBy: string },
): [string, string][] {
  const told = entry.explanation as Told;
  const found: [string, string][] = [];
  const money = moneyIn(told);
  if (money) {
    const factor = decimal(told.factor ?? "1");
    const multiplier = String(told.multiplier ?? "1");
    found.push([t("Amount"), money]);
    found.push([
      t("Rule"),
      t("{factor} for every unit of {currency}", {
        factor,
        currency: String(told.currency),
      }),
    ]);
    if (told.tier) {
      found.push([
        t("Tier then"),
        multiplier === "1" ? String(told.tier) : `${String(told.tier)}, ${decimal(multiplier)} ×`,
      ]);
    }
    const times = multiplier === "1" ? "" : ` × ${decimal(multiplier)}`;
    const amount = decimal(Number(told.amount_minor) / 10 ** digitsOf(String(told.currency)));
    found.push([t("Computation"), `${amount} × ${factor}${times} → ${formatNumber(entry.points)}`]);
  }
  if (told.note) found.push([t("Note"), String(told.note)]);
  const reason = reasonIn(told);
  if (reason) found.push([t("Why"), reason]);
  if (told.redemption) found.push([t("Order"), String(told.redemption)]);
  for (const [label, key] of [
    [t("Claimed back"), "claimed"],
    [t("Not there any more"), "expired"],
  ] as const) {
    if (typeof told[key] === "number" && told[key]) {
      found.push([label, formatPoints(told[key] as number)]);
    }
  }
  if (people.askedBy) found.push([t("Asked for by"), people.askedBy]);
  if (people.approvedBy) found.push([t("Approved by"), people.approvedBy]);
  if (entry.source) found.push([t("Told by"), entry.source]);
  if (entry.eventId) found.push([t("Receipt"), entry.eventId]);
  if (entry.expiresOn) found.push([t("Last day"), dayWithYear(entry.expiresOn)]);
  return found;
}

function digitsOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", {
    style: "currency",
    currency,
  }).resolvedOptions();
  return maximumFractionDigits ?? 2;
}

/** A calendar day with its year. */
export function dayWithYear(day: string): string {
  return `${formatDay(day)} ${day.slice(0, 4)}`;
}

/** A browser as its user agent tells. */
export function browserWords(agent: string): string {
  const name = /Edg\//.test(agent)
    ? "Edge"
    : /Chrome\//.test(agent)
      ? "Chrome"
      : /Firefox\//.test(agent)
        ? "Firefox"
        : /Safari\//.test(agent)
          ? "Safari"
          : t("A browser");
  const system = /Android/.test(agent)
    ? "Android"
    : /iPhone|iPad/.test(agent)
      ? "iOS"
      : /Windows/.test(agent)
        ? "Windows"
        : /Mac OS/.test(agent)
          ? "macOS"
          : /Linux/.test(agent)
            ? "Linux"
            : "";
  return system ? `${name}, ${system}` : name;
}

/** What a purpose of a consent is called; the terms have a name of ours. */
export const purposeWords = (purpose: string): string =>
  purpose === "terms" ? t("Terms of the programme") : purpose;
