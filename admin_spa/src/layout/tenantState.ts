import { t } from "@/i18n";
import { formatDate } from "@/i18n/formats";

/** The badge beside the brand's name: where it stands, else what kind of deployment this is. */
export function stateWords(environment: string, status: string): string {
  switch (status) {
    case "pending":
      return t("Being set up");
    case "past_due":
      return t("Payment due");
    case "suspended":
      return t("Brand suspended");
    case "closing":
      return t("Closing");
    case "closed":
      return t("Brand closed");
  }
  if (environment === "demo") return t("Demo");
  return environment === "production" && status === "live" ? t("Live") : t("Sandbox");
}

export interface StateNotice {
  title: string;
  what: string;
  urgent: boolean;
}

/** What people of the brand are told of its state; null where all is as usual. */
export function stateNotice(
  status: string,
  endsAt: string | null,
  programmeNow: string | null = null,
): StateNotice | null {
  const day = endsAt ? formatDate(endsAt) : "";
  switch (status) {
    case "pending":
      return {
        title: t("The brand is being set up"),
        what: t("Members see a page that says it opens soon. Everything can be prepared here."),
        urgent: false,
      };
    case "past_due":
      return {
        title: t("The last payment for the plan failed"),
        what: t(
          "Members notice nothing. Have an owner settle it by {day}: after that day the site is paused.",
          { day },
        ),
        urgent: true,
      };
    case "suspended":
      return {
        title: t("The brand is suspended"),
        what: t(
          "Members see a page that says it is paused. Here everything can be read and orders can be seen through, nothing else changes. Write to the platform's support to have it resumed.",
        ),
        urgent: true,
      };
    case "closing":
      return {
        title: t("The brand is closing"),
        what: t(
          "Members use their points until {day}; nobody joins and no points are credited. Until then an owner can take it back on the screen “Your brand”. Open orders have to be delivered, cancelled or refunded.",
          { day },
        ),
        urgent: true,
      };
  }
  if (programmeNow) {
    return {
      title: t("In this sandbox it is {day}", { day: formatDate(programmeNow) }),
      what: t("Its clock was moved. Points, tiers, orders and changes go by that day."),
      urgent: false,
    };
  }
  return null;
}
