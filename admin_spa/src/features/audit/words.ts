/** What entries of the trail say to people. A test holds every action of the product against it. */

import type { AuditEntry } from "@/api/types.gen";
import { mark, t, td } from "@/i18n";
import { formatDateTime, formatNumber } from "@/i18n/formats";

export const ACTIONS: Record<string, string> = {
  "account.tested": mark("Connection tested"),
  "api_key.created": mark("API key made"),
  "api_key.revoked": mark("API key revoked"),
  "api_key.rotated": mark("API key replaced"),
  "audit.exported": mark("Audit trail exported"),
  "secret.removed": mark("Secret removed"),
  "secret.stored": mark("Secret stored"),
  "secret.viewed": mark("List of secrets looked at"),
  "webhook.enabled": mark("Webhook endpoint switched on"),
  "webhook.replayed": mark("Webhook deliveries repeated"),
  "webhook.secret_rotated": mark("Webhook secret replaced"),
};

/** What was done, in words; an action nobody put into words is shown as it is. */
export function actionWords(action: string): string {
  const text = ACTIONS[action];
  return text ? td(text) : action.replaceAll("_", " ").replaceAll(".", ": ");
}

/** Who did it. */
export function whoWords(entry: AuditEntry): string {
  if (entry.actorName) return entry.actorName;
  if (entry.actor.startsWith("key:")) return t("An API key");
  if (entry.actor === "cli") return t("The operator's command line");
  if (entry.actor === "system") return t("The system");
  if (entry.actor.startsWith("staff:")) return t("Somebody who left");
  return entry.actor;
}

const PLACES: Record<string, { to: (id: string) => string; text: string }> = {
  change_set: { to: (id) => `/changes/${id}`, text: mark("Change") },
  version: { to: (id) => `/versions/${id}`, text: mark("Version") },
  member: { to: (id) => `/members/${id}`, text: mark("Member") },
  redemption: { to: (id) => `/orders/${id}`, text: mark("Order") },
  order: { to: (id) => `/orders/${id}`, text: mark("Order") },
  product: { to: (id) => `/catalogue/${id}`, text: mark("Product") },
  staff: { to: (id) => `/people/${id}`, text: mark("Person") },
  connection: { to: (id) => `/people/connections/${id}`, text: mark("Sign-in connection") },
  api_key: { to: () => "/integrations/keys", text: mark("API key") },
  webhook: { to: () => "/integrations/webhooks", text: mark("Webhook endpoint") },
  secret: { to: () => "/integrations/secrets", text: mark("Secret") },
};

/** Where the entry's subject is, if the console shows it. */
export function subjectLink(entry: AuditEntry): { to: string; text: string } | null {
  const [kind = "", ...rest] = entry.subject.split(":");
  const id = rest.join(":");
  const place = PLACES[kind];
  if (!place || !id) return null;
  const name = ["title", "name", "number", "slug", "version"]
    .map((field) => entry.summary[field])
    .find((value) => typeof value === "string" || typeof value === "number");
  return { to: place.to(id), text: name ? `${td(place.text)}: ${name}` : td(place.text) };
}

/** A field's name as people read it. */
export function fieldWords(name: string): string {
  const spaced = name
    .replaceAll("_", " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A value of the summary as lines. */
export function valueWords(value: unknown): string[] {
  if (value === null || value === undefined || value === "") return ["–"];
  if (typeof value === "boolean") return [value ? t("Yes") : t("No")];
  if (typeof value === "number") return [formatNumber(value)];
  if (Array.isArray(value)) return value.length ? value.flatMap(valueWords) : ["–"];
  if (typeof value === "object") {
    return Object.entries(value).map(([k, v]) => `${fieldWords(k)}: ${valueWords(v).join(", ")}`);
  }
  const text = String(value);
  return [/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? formatDateTime(text) : text];
}
