/** Numbers, money and instants as the reader writes them; instants in the programme's zone. */

import { language } from "./index";

let zone = "UTC";
let pointsName: { one: string; other: string } | null = null;

/** What the signed-in person's brand counts with; called once per sign-in. */
export function setProgramme(programme: {
  zone: string;
  points?: { one: string; other: string } | null;
}): void {
  zone = programme.zone;
  pointsName = programme.points ?? null;
}

/** The programme's time zone. */
export function programmeZone(): string {
  return zone;
}

const made = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${language()}${JSON.stringify(options)}`;
  let found = made.get(key) as Intl.NumberFormat | undefined;
  if (!found) {
    found = new Intl.NumberFormat(language(), options);
    made.set(key, found);
  }
  return found;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `d${language()}${zone}${JSON.stringify(options)}`;
  let found = made.get(key) as Intl.DateTimeFormat | undefined;
  if (!found) {
    found = new Intl.DateTimeFormat(language(), { timeZone: zone, ...options });
    made.set(key, found);
  }
  return found;
}

/** 12,450 */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return numbers(options).format(value);
}

/** 12.4K, for axes and tiles. */
export function formatCompact(value: number): string {
  return numbers({ notation: "compact", maximumFractionDigits: 1 }).format(value);
}

/** A ratio as a percentage: 0.125 is 12.5 %. */
export function formatPercent(ratio: number, digits = 1): string {
  return numbers({ style: "percent", maximumFractionDigits: digits }).format(ratio);
}

/** Points with the brand's own name for them: "12.450 milhas". */
export function formatPoints(value: number): string {
  const shown = formatNumber(value);
  if (!pointsName) return shown;
  const one = new Intl.PluralRules(language()).select(Math.abs(value)) === "one";
  return `${shown}\u00a0${one ? pointsName.one : pointsName.other}`;
}

export interface MoneyValue {
  minor: number;
  currency: string;
}

/** How many minor units make one: 2 for BRL, 0 for JPY. */
export function minorDigits(currency: string): number {
  return numbers({ style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Money from minor units, always with its currency. */
export function formatMoney(value: MoneyValue): string {
  const format = numbers({ style: "currency", currency: value.currency });
  return format.format(value.minor / 10 ** minorDigits(value.currency));
}

type Instant = string | Date;

function instant(at: Instant): Date {
  return typeof at === "string" ? new Date(at) : at;
}

/** A date that fits a column: "12 de nov. de 2026" is twice as long as "12/11/2026" says the same. */
function day(): Intl.DateTimeFormatOptions {
  return language() === "en"
    ? { day: "numeric", month: "short", year: "numeric" }
    : { day: "2-digit", month: "2-digit", year: "numeric" };
}

/** Nov 12, 2026; 12/11/2026 */
export function formatDate(at: Instant): string {
  return dates(day()).format(instant(at));
}

/** The day of an instant that is a day's beginning in UTC, as of what holds for all brands alike. */
export function formatDateUtc(at: Instant): string {
  return new Intl.DateTimeFormat(language(), { timeZone: "UTC", ...day() }).format(instant(at));
}

/** Nov 12, 2026, 2:05 PM; 12/11/2026, 14:05 */
export function formatDateTime(at: Instant): string {
  return dates({ ...day(), hour: "numeric", minute: "2-digit" }).format(instant(at));
}

/** A calendar day without an instant ("2026-11-12"), which has no zone. */
export function formatDay(day: string): string {
  return new Intl.DateTimeFormat(language(), {
    timeZone: "UTC",
    day: "numeric",
    month: "short",
  }).format(new Date(`${day}T00:00:00Z`));
}

/** A calendar month ("2026-11"): "Nov 2026". */
export function formatMonth(month: string): string {
  return new Intl.DateTimeFormat(language(), {
    timeZone: "UTC",
    month: "short",
    year: "numeric",
  }).format(new Date(`${month}-01T00:00:00Z`));
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "45 sec", "5 min", "2 hr 5 min": how long, in its two largest units. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [string, number][] = [
    ["day", Math.floor(whole / 86_400)],
    ["hour", Math.floor((whole % 86_400) / 3_600)],
    ["minute", Math.floor((whole % 3_600) / 60)],
    ["second", whole % 60],
  ];
  const first = whole ? parts.findIndex(([, n]) => n > 0) : 3;
  return parts
    .slice(first, first + 2)
    .filter(([, n], place) => place === 0 || n > 0)
    .map(([unit, n]) => numbers({ style: "unit", unit, unitDisplay: "short" }).format(n))
    .join(" ");
}

/** "3 hours ago", "in 2 days". */
export function formatAgo(at: Instant, now: Date = new Date()): string {
  const seconds = (instant(at).getTime() - now.getTime()) / 1000;
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(Math.round(seconds), "second");
}
