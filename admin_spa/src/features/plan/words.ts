/** Meters and months in words. */

import { t } from "@/i18n";
import { formatMonth, formatNumber } from "@/i18n/formats";

const MB = 1_000_000;

export function meterName(meter: string): string {
  switch (meter) {
    case "plan":
      return t("The plan, by its days");
    case "members":
      return t("Members");
    case "active_members":
      return t("Active members");
    case "orders":
      return t("Orders");
    case "api_calls":
      return t("API calls");
    case "storage":
      return t("Storage");
    case "seats":
      return t("People of the brand");
  }
  return meter;
}

/** A quantity of a meter: files in megabytes, everything else counted. */
export function amount(meter: string, value: number): string {
  if (meter !== "storage") return formatNumber(value);
  return `${formatNumber(value / MB, { maximumFractionDigits: value < 10 * MB ? 1 : 0 })} MB`;
}

/** The month of a period's first day. */
export function monthName(period: string): string {
  return formatMonth(period.slice(0, 7));
}
