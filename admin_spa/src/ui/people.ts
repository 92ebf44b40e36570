/** Words about people and how they sign in, for every screen that shows them. */

import { mark, t } from "@/i18n";

export const ROLE_TITLES: Record<string, string> = {
  owner: mark("Owner"),
  administrator: mark("Administrator"),
  marketer: mark("Marketer"),
  approver: mark("Approver"),
  catalogue_manager: mark("Catalogue manager"),
  cashier: mark("Cashier"),
  support_agent: mark("Support agent"),
  analyst: mark("Analyst"),
  developer: mark("Developer"),
  operator: mark("Operator"),
  support: mark("Support"),
  viewer: mark("Viewer"),
};

/** By what somebody signed in. */
export function methodWords(method: string): string {
  switch (method) {
    case "passkey":
      return t("Passkey");
    case "totp":
      return t("Password and app");
    case "recovery_code":
      return t("Recovery code");
    case "":
      return "–";
    default:
      return t("Company sign-in");
  }
}

/** Firefox on Linux. */
export function browserWords(agent: string): string {
  const browser =
    [
      ["Edge", /Edg\//],
      ["Opera", /OPR\//],
      ["Firefox", /Firefox\//],
      ["Chrome", /Chrome\//],
      ["Safari", /Safari\//],
    ].find(([, pattern]) => (pattern as RegExp).test(agent))?.[0] ?? "";
  const system =
    [
      ["iPhone", /iPhone/],
      ["iPad", /iPad/],
      ["Android", /Android/],
      ["Windows", /Windows/],
      ["macOS", /Mac OS X/],
      ["Linux", /Linux/],
    ].find(([, pattern]) => (pattern as RegExp).test(agent))?.[0] ?? "";
  if (browser && system) {
    return t("{browser} on {system}", { browser: String(browser), system: String(system) });
  }
  return String(browser || system || agent.slice(0, 40) || t("Unknown browser"));
}
