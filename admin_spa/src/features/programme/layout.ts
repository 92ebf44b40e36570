/** In which groups the fields of a section stand; what is not named comes last. */

import { t } from "@/i18n";

export interface Group {
  title: string;
  lead?: string;
  fields: string[];
}

export function titleOf(section: string): string {
  switch (section) {
    case "programme":
      return t("The programme");
    case "branding":
      return t("Branding");
    case "points":
      return t("Points");
    case "tiers":
      return t("Tiers");
    case "catalogue":
      return t("Catalogue rules");
    case "payments":
      return t("Payments");
    case "fulfilment":
      return t("Fulfilment");
    case "notifications":
      return t("Notifications");
    case "security":
      return t("Security");
    case "integrations":
      return t("Webhooks and limits");
    case "members":
      return t("Consents");
    case "recommendations":
      return t("Recommendations");
    default:
      return section;
  }
}

function named(section: string): Group[] {
  switch (section) {
    case "programme":
      return [
        { title: t("Who you are"), fields: ["name", "legal_name", "support_email"] },
        { title: t("Where and when"), fields: ["currency", "time_zone", "languages"] },
        { title: t("Terms"), fields: ["terms_version", "terms"] },
      ];
    case "catalogue":
      return [
        {
          title: t("Prices"),
          lead: t("Supplier's price × rate + margin is the value; points follow from it."),
          fields: ["margin_percent", "fx", "tier_discounts", "quote_lifetime_s"],
        },
        { title: t("Shelves"), fields: ["categories"] },
      ];
    case "payments":
      return [{ title: t("Who takes the money"), fields: ["provider", "methods", "statement"] }];
    case "fulfilment":
      return [{ title: t("Suppliers"), fields: ["suppliers"] }];
    case "notifications":
      return [
        { title: t("Sender"), fields: ["sender_name", "sms_sender"] },
        { title: t("What is written"), fields: ["mail", "sms"] },
        {
          title: t("Points that expire"),
          lead: t("Members hear of it before the last day, once per notice."),
          fields: ["expiry_notice_days", "expiry_last_notice_days"],
        },
      ];
    case "security":
      return [
        {
          title: t("Approval"),
          lead: t("From which risk on a second person has to look at a change."),
          fields: ["approval_from"],
        },
        {
          title: t("Members' sessions"),
          fields: ["session_idle_minutes", "session_length_h", "step_up_minutes"],
        },
        {
          title: t("The console's sessions"),
          fields: ["console_idle_minutes", "console_session_length_h", "console_step_up_minutes"],
        },
        {
          title: t("Codes and tries"),
          fields: [
            "password_sign_in",
            "code_lifetime_minutes",
            "tries_per_account_h",
            "tries_per_address_h",
          ],
        },
        {
          title: t("The till"),
          lead: t("What a cashier's phone is worth to a thief."),
          fields: [
            "till_amount_max_minor",
            "till_sales_per_day",
            "till_member_sales_per_day",
            "till_plain_number",
          ],
        },
        { title: t("Own identity providers"), fields: ["connections"] },
        { title: t("Hand-off keys"), fields: ["hand_off"] },
        { title: t("Mobile apps"), fields: ["apps"] },
      ];
    case "integrations":
      return [
        { title: t("Webhook endpoints"), fields: ["webhooks"] },
        {
          title: t("Limits of the API"),
          fields: ["requests_per_minute", "member_requests_per_minute"],
        },
      ];
    case "members":
      return [{ title: t("Consents"), fields: ["purposes"] }];
    default:
      return [];
  }
}

/** The groups of a section that has these fields. */
export function groupsOf(section: string, fields: string[]): Group[] {
  const groups = named(section)
    .map((group) => ({ ...group, fields: group.fields.filter((f) => fields.includes(f)) }))
    .filter((group) => group.fields.length > 0);
  const placed = new Set(groups.flatMap((group) => group.fields));
  const rest = fields.filter((f) => !placed.has(f));
  return rest.length ? [...groups, { title: t("More"), fields: rest }] : groups;
}
