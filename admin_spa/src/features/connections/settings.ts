/** A connection's settings as the forms edit them. */

import type { Connection } from "@/api/types.gen";

export type Choice = "entra" | "adfs" | "oidc" | "saml";

export interface Mapping {
  group: string;
  role: string;
}

export interface Settings {
  type: "oidc" | "saml";
  preset: "entra" | "adfs" | "other";
  issuer: string;
  clientId: string;
  algorithms: string[];
  scopes: string[];
  entityId: string;
  signOnUrl: string;
  certificates: string[];
  emailClaim: string;
  nameClaim: string;
  groupsClaim: string;
  roles: Mapping[];
  defaultRole: string;
  createAccounts: boolean;
  emailDomains: string[];
}

const RULES = {
  emailClaim: "email",
  nameClaim: "name",
  groupsClaim: "groups",
  roles: [],
  defaultRole: "",
  createAccounts: true,
  emailDomains: [],
};

/** What each kind of provider starts from. */
export function startFrom(choice: Choice): Settings {
  const blank: Settings = {
    ...RULES,
    type: choice === "saml" ? "saml" : "oidc",
    preset: choice === "entra" || choice === "adfs" ? choice : "other",
    issuer: "",
    clientId: "",
    algorithms: ["RS256"],
    scopes: ["openid", "email", "profile"],
    entityId: "",
    signOnUrl: "",
    certificates: [],
  };
  if (choice === "entra") return { ...blank, emailClaim: "preferred_username" };
  if (choice === "adfs") {
    return { ...blank, emailClaim: "upn", nameClaim: "unique_name", groupsClaim: "group" };
  }
  return blank;
}

const OIDC_ONLY = ["issuer", "clientId", "algorithms", "scopes"] as const;
const SAML_ONLY = ["entityId", "signOnUrl", "certificates"] as const;

/** Only what the protocol knows is sent. */
export function toSend(settings: Settings): Record<string, unknown> {
  const sent: Record<string, unknown> = { ...settings };
  for (const name of settings.type === "oidc" ? SAML_ONLY : OIDC_ONLY) delete sent[name];
  return sent;
}

export function settingsOf(connection: Connection): Settings {
  return { ...startFrom("oidc"), ...(connection.settings as Partial<Settings>) };
}

export function same(one: Settings, other: Settings): boolean {
  return JSON.stringify(toSend(one)) === JSON.stringify(toSend(other));
}
