import type { ClockHappening, DueAhead } from "@/api/types.gen";
import { t, tn } from "@/i18n";
import { formatDate, formatNumber, formatPoints } from "@/i18n/formats";

/** What falls due before an instant, one line for each kind. */
export function aheadWords(one: DueAhead): string {
  const first = formatDate(one.firstAt);
  switch (one.kind) {
    case "version":
      return tn(
        "One scheduled change from {first} on",
        "{n} scheduled changes from {first} on",
        one.count,
        { first },
      );
    case "tier_year":
      return tn(
        "One year of the tiers ends, on {first}",
        "{n} years of the tiers end, the first on {first}",
        one.count,
        { first },
      );
    case "hold":
      return tn("One hold ends, on {first}", "{n} holds end, the first on {first}", one.count, {
        first,
      });
    case "payment":
      return tn(
        "One payment is overdue, on {first}",
        "{n} payments are overdue, the first on {first}",
        one.count,
        { first },
      );
    case "notice":
      return tn(
        "One notice that points expire, on {first}",
        "{n} notices that points expire, the first on {first}",
        one.count,
        { first },
      );
    default:
      return t("{points} expire, the first on {first}", {
        points: formatPoints(one.points),
        first,
      });
  }
}

/** What happened at an instant. */
export function kindWords(one: ClockHappening): string {
  switch (one.kind) {
    case "version":
      return t("A scheduled change came into force");
    case "tier_year":
      return t("A new year of the tiers began");
    case "hold":
      return tn("A hold ended", "{n} holds ended", one.count);
    case "payment":
      return tn("The time to pay was over", "The time to pay was over for {n} orders", one.count);
    case "points":
      return tn("Points expired", "Points of {n} credits expired", one.count);
    case "notice":
      return tn(
        "One member was told that points expire",
        "{n} members were told that points expire",
        one.count,
      );
    default:
      return t("The clock stopped here: something failed. What failed waits with the jobs.");
  }
}

/** Which version, how many points, who stood where. */
export function detailWords(one: ClockHappening): string {
  const detail = one.detail as {
    version?: number;
    note?: string;
    points?: number;
    tiers?: Record<string, number>;
  };
  if (detail.version)
    return t("Version {n}", { n: detail.version }) + (detail.note ? ` · ${detail.note}` : "");
  if (detail.points) return formatPoints(detail.points);
  const tiers = Object.entries(detail.tiers ?? {});
  return tiers.map(([tier, members]) => `${tier}: ${formatNumber(members)}`).join(" · ");
}
