/** What entries of the trail say to people. A test holds every action of the product against it. */

import type { AuditEntry } from "@/api/types.gen";
import { mark, t, td } from "@/i18n";
import { formatDateTime, formatNumber } from "@/i18n/formats";

export const ACTIONS: Record<string, string> = {
  "abuse_sign.settled": mark("Sign of abuse settled"),
  "account.tested": mark("Connection tested"),
  "announcement.saved": mark("Announcement written"),
  "announcement.withdrawn": mark("Announcement withdrawn"),
  "api_key.created": mark("API key made"),
  "api_key.revoked": mark("API key revoked"),
  "api_key.rotated": mark("API key replaced"),
  "audit.exported": mark("Audit trail exported"),
  "card_base.activated": mark("Card base put in force"),
  "card_base.discarded": mark("Card base taken away"),
  "card_base.file_sent": mark("Card base sent"),
  "catalogue.changed": mark("Products changed together"),
  "catalogue.file_sent": mark("Catalogue file sent"),
  "catalogue.import_discarded": mark("Catalogue import discarded"),
  "catalogue.import_started": mark("Catalogue import started"),
  "change_set.approved": mark("Change approved"),
  "change_set.created": mark("Change begun"),
  "change_set.discarded": mark("Change discarded"),
  "change_set.edited": mark("Change edited"),
  "change_set.published": mark("Change published"),
  "change_set.rebased": mark("Newer version taken into a change"),
  "change_set.renamed": mark("Change renamed"),
  "change_set.returned": mark("Change sent back"),
  "change_set.scheduled": mark("Change scheduled"),
  "change_set.submitted": mark("Change submitted for review"),
  "change_set.unscheduled": mark("Change taken off the schedule"),
  "connection.account_invited": mark("Person invited to single sign-on"),
  "connection.created": mark("Single sign-on connection made"),
  "connection.deleted": mark("Single sign-on connection deleted"),
  "connection.disabled": mark("Single sign-on switched off"),
  "connection.edited": mark("Single sign-on connection edited"),
  "connection.enabled": mark("Single sign-on switched on"),
  "connection.enforced": mark("Single sign-on made the only way in"),
  "connection.relaxed": mark("Other ways in allowed again"),
  "connection.secret_set": mark("Single sign-on secret stored"),
  "connection.test_failed": mark("Test sign-in failed"),
  "connection.test_started": mark("Test sign-in begun"),
  "connection.tested": mark("Test sign-in finished"),
  "email_domain.checked": mark("E-mail domain checked"),
  "email_domain.claimed": mark("E-mail domain claimed"),
  "email_domain.found": mark("Proof of an e-mail domain is back"),
  "email_domain.lapsed": mark("E-mail domain stopped counting"),
  "email_domain.missing": mark("Proof of an e-mail domain is gone"),
  "email_domain.removed": mark("E-mail domain removed"),
  "export.asked": mark("Export of everything asked for"),
  "export.downloaded": mark("Export of everything downloaded"),
  "export.made": mark("Export of everything made"),
  "file.upload": mark("File uploaded"),
  "file.uploaded": mark("File uploaded"),
  "flag.changed": mark("Switched on or off by the platform"),
  "limit.changed": mark("Limit changed by the platform"),
  "maintenance.begun": mark("Maintenance begun"),
  "maintenance.ended": mark("Maintenance ended"),
  "member.viewed": mark("Member looked at"),
  "member_import.discarded": mark("Import of members discarded"),
  "member_import.file_sent": mark("Members file sent"),
  "member_import.started": mark("Import of members started"),
  "message.replayed": mark("Parked message put back to work"),
  "messages.replayed": mark("Parked messages put back to work"),
  "model.restored": mark("Model put back in force"),
  "model.training_asked": mark("Training of a model asked for"),
  "order.cancelled": mark("Order cancelled"),
  "order.message_sent_again": mark("Message to the member sent again"),
  "order.refunded": mark("Order refunded"),
  "order.replayed": mark("Order's stuck step run again"),
  "order.supplier_asked": mark("Supplier asked about an order"),
  "parameters.applied": mark("Parameters applied from a folder"),
  "platform_terms.accepted": mark("Terms of the platform accepted"),
  "points.adjusted": mark("Points corrected"),
  "points.adjustment_approved": mark("Points correction approved"),
  "points.adjustment_rejected": mark("Points correction rejected"),
  "points.adjustment_requested": mark("Points correction asked for"),
  "preview.opened": mark("Preview of a change opened"),
  "product.created": mark("Product made"),
  "product.edited": mark("Product edited"),
  "product.published": mark("Product published"),
  "product.withdrawn": mark("Product withdrawn"),
  "rollout.changed": mark("Rollout changed"),
  "rollout.promoted": mark("Rollout promoted"),
  "rollout.started": mark("Rollout started"),
  "rollout.stopped": mark("Rollout stopped"),
  "secret.removed": mark("Secret removed"),
  "secret.stored": mark("Secret stored"),
  "secret.viewed": mark("List of secrets looked at"),
  "session.ended": mark("Session ended"),
  "session.signed_out": mark("Signed out"),
  "sign_in.break_glass": mark("Emergency account used"),
  "sign_in.refused": mark("Sign-in refused"),
  "sign_in.reset_asked": mark("New password asked for"),
  "sign_in.succeeded": mark("Signed in"),
  "sign_out.by_provider": mark("Signed out by the identity provider"),
  "sign_out.refused": mark("Sign-out by the provider refused"),
  "simulation.cancelled": mark("Back-test cancelled"),
  "simulation.started": mark("Back-test started"),
  "site_domain.checked": mark("Domain of the member site checked"),
  "site_domain.chosen": mark("Address of the member site chosen"),
  "site_domain.claimed": mark("Domain of the member site claimed"),
  "site_domain.found": mark("Proof of the member site's domain is back"),
  "site_domain.lapsed": mark("Member site left a domain without proof"),
  "site_domain.missing": mark("Proof of the member site's domain is gone"),
  "site_domain.removed": mark("Domain of the member site given up"),
  "staff.break_glass": mark("Emergency account changed"),
  "staff.invitation_resent": mark("Invitation sent again"),
  "staff.invited": mark("Person invited"),
  "staff.joined": mark("Joined"),
  "staff.passkey": mark("Passkey added"),
  "staff.passkey_removed": mark("Passkey removed"),
  "staff.password": mark("Password changed"),
  "staff.password_reset": mark("Password set anew"),
  "staff.preferences": mark("Own preferences changed"),
  "staff.recovery_codes": mark("Recovery codes made"),
  "staff.removed": mark("Person removed"),
  "staff.reset": mark("Sign-in of a person reset"),
  "staff.restored": mark("Person let in again"),
  "staff.roles": mark("Roles changed"),
  "staff.roles_mapped": mark("Roles changed by single sign-on"),
  "staff.suspended": mark("Person suspended"),
  "staff.totp": mark("Authenticator app added"),
  "staff.totp_removed": mark("Authenticator app removed"),
  "stock.counted": mark("Stock counted"),
  "support.asked": mark("Support asked for access"),
  "support.consented": mark("Support let in"),
  "support.ended": mark("Support shown out"),
  "support.left": mark("Support left"),
  "support.looked": mark("Support looked"),
  "support.opened": mark("Support let in by the rule"),
  "support.refused": mark("Support refused"),
  "tenant.bills_kept": mark("Bill kept of a brand that is gone"),
  "tenant.founded": mark("Brand made by signing up"),
  "tenant.led": mark("Tenant led to another state"),
  "tenant.state_changed": mark("State of the brand changed"),
  "plan.changed": mark("Plan changed"),
  "plan.payment_begun": mark("Payment of a statement begun"),
  "till.handed_over": mark("Handed over at the till"),
  "till.joined": mark("Member made at the till"),
  "till.sold": mark("Sale credited at the till"),
  "till.undone": mark("Sale taken back at the till"),
  "version.rolled_back": mark("Earlier version brought back"),
  "test_clock.moved": mark("Sandbox time moved"),
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
  member_import: { to: (id) => `/members/imports/${id}`, text: mark("Members file") },
  catalogue_import: { to: (id) => `/catalogue/imports/${id}`, text: mark("Catalogue file") },
  staff: { to: (id) => `/people/${id}`, text: mark("Person") },
  connection: { to: (id) => `/integrations/connections/${id}`, text: mark("Sign-in connection") },
  api_key: { to: () => "/integrations/keys", text: mark("API key") },
  webhook: { to: () => "/integrations/webhooks", text: mark("Webhook endpoint") },
  secret: { to: () => "/integrations/secrets", text: mark("Secret") },
  secrets: { to: () => "/integrations/secrets", text: mark("Secrets") },
};

/** Where the entry's subject is, if the console shows it. */
export function subjectLink(entry: AuditEntry): { to: string; text: string } | null {
  const [kind = "", ...rest] = entry.subject.split(":");
  const id = rest.join(":");
  const place = PLACES[kind];
  // A list of all of them has no id, and its place asks for none.
  if (!place || (!id && place.to.length > 0)) return null;
  const name = ["title", "name", "number", "slug", "version"]
    .map((field) => entry.summary[field])
    .find((value) => typeof value === "string" || typeof value === "number");
  return { to: place.to(id), text: name ? `${td(place.text)}: ${name}` : td(place.text) };
}

// What entries of changes, people and sign-ins tell; other names are taken as they are.
const FIELDS: Record<string, string> = {
  armed: mark("Second person asked for"),
  author: mark("Author"),
  by: mark("By"),
  comment: mark("Comment"),
  connection: mark("Connection"),
  count: mark("Changes"),
  days: mark("Days"),
  edits: mark("What changed"),
  email: mark("E-mail"),
  method: mark("Way of signing in"),
  name: mark("Name"),
  note: mark("Note"),
  outcome: mark("Outcome"),
  reason: mark("Reason"),
  risk: mark("Risk"),
  roles: mark("Roles"),
  state: mark("State"),
  title: mark("Title"),
  version: mark("Version"),
};

/** A field's name as people read it. */
export function fieldWords(name: string): string {
  const known = FIELDS[name];
  if (known) return td(known);
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
