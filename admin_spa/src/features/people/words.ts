import { mark, t } from "@/i18n";
import type { Tone } from "@/ui/Values";

/** What a role is for, in a line. */
export const ROLE_LEADS: Record<string, string> = {
  owner: mark("Everything, and who else is an owner"),
  administrator: mark("Everything but making owners"),
  marketer: mark("Proposes changes of brand and offers; somebody else publishes"),
  approver: mark("Publishes what others propose, approves corrections of points"),
  catalogue_manager: mark("Keeps products, pictures, stock and catalogue rules"),
  cashier: mark("Credits sales and hands over at the till, nothing else"),
  support_agent: mark("Helps members: orders, points, corrections with a reason"),
  analyst: mark("Looks at everything commercial, changes nothing"),
  developer: mark("API keys, webhooks, secrets and technical parameters"),
};

/** What permissions allow, in the order in which the table shows them. */
export const PERMISSIONS: [string, string][] = [
  ["overview:read", mark("See how the programme is doing")],
  ["parameters:read", mark("See parameters, versions and changes under way")],
  ["parameters:propose", mark("Propose changes, in one's areas")],
  ["parameters:publish", mark("Approve, schedule, publish and roll back")],
  ["simulation:run", mark("Try a change on real events")],
  ["catalogue:read", mark("See products, prices and costs")],
  ["catalogue:write", mark("Change products, pictures and stock")],
  ["till:use", mark("Credit sales and hand over at the till")],
  ["orders:read", mark("See orders")],
  ["orders:act", mark("Resend and cancel orders")],
  ["orders:refund", mark("Refund orders")],
  ["members:read", mark("Find members and see their points")],
  ["members:adjust", mark("Correct points with a reason")],
  ["members:approve_adjustment", mark("Approve corrections that others asked for")],
  ["members:import", mark("Bring members and their balances in from a file")],
  ["brand:export", mark("Take everything of the brand away as a file")],
  ["audit:read", mark("See who did what")],
  ["audit:export", mark("Take the audit trail away as a file")],
  ["people:read", mark("See who works for the brand")],
  ["people:manage", mark("Invite people, give roles, suspend")],
  ["keys:read", mark("See API keys")],
  ["keys:manage", mark("Make and revoke API keys")],
  ["connections:read", mark("See the company sign-in")],
  ["connections:manage", mark("Set the company sign-in up")],
  ["domains:read", mark("See the addresses of the member site")],
  ["domains:manage", mark("Prove domains, choose the address that links carry")],
  ["secrets:read", mark("See which secrets are stored, never their values")],
  ["secrets:write", mark("Store secrets and test connections")],
  ["webhooks:read", mark("See webhooks and their deliveries")],
  ["webhooks:manage", mark("Replay deliveries, rotate webhook secrets")],
  ["test_clock:move", mark("Move the time of a sandbox")],
];

export const AREAS: Record<string, string> = {
  brand: mark("Brand"),
  commercial: mark("Offers and points"),
  catalogue: mark("Catalogue"),
  payments: mark("Payments"),
  technical: mark("Technical"),
  security: mark("Security"),
};

export function stateWords(state: string): { tone: Tone; text: string } {
  switch (state) {
    case "active":
      return { tone: "positive", text: t("Active") };
    case "invited":
      return { tone: "info", text: t("Invited") };
    default:
      return { tone: "danger", text: t("Suspended") };
  }
}
