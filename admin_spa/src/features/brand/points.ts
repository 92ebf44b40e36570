/** The points of the checklist in words: what each is, what is missing, what to do. */

import type { LifePoint } from "@/api/types.gen";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/formats";

export interface PointWords {
  title: string;
  /** What is missing and what to do; of a met point, what it rests on. */
  what: string;
}

function list(point: LifePoint, fact: string): string {
  const value = point.facts[fact];
  return Array.isArray(value) ? value.join(", ") : "";
}

function number(point: LifePoint, fact: string): number {
  const value = point.facts[fact];
  return typeof value === "number" ? value : 0;
}

function text(point: LifePoint, fact: string): string {
  const value = point.facts[fact];
  return typeof value === "string" ? value : "";
}

export function pointWords(point: LifePoint): PointWords {
  const done = point.state === "done";
  switch (point.code) {
    case "legal":
      return {
        title: t("Legal entity and support address"),
        what: done
          ? t("Members see who runs the programme and where to write.")
          : t("State the company that runs the programme, and an address members can write to."),
      };
    case "terms":
      return {
        title: t("Terms"),
        what: done
          ? t("There is a text in every language of the programme.")
          : t("The terms have no text in: {languages}.", { languages: list(point, "missing") }),
      };
    case "rules":
      return {
        title: t("The programme contradicts itself nowhere"),
        what: done
          ? t("The rules find no error in what is in force.")
          : t("{n} errors are in force; the first is at {place}.", {
              n: number(point, "errors"),
              place: text(point, "first"),
            }),
      };
    case "catalogue":
      return {
        title: t("Something to redeem"),
        what: done
          ? t("{n} products are published and in stock.", {
              n: formatNumber(number(point, "products")),
            })
          : t("Publish at least one product that is in stock."),
      };
    case "fulfilment":
      return { title: t("Somebody who hands it over"), what: fulfilment(point, done) };
    case "payments_points_only":
      return {
        title: t("Members pay with points only"),
        what: t("No payment provider is chosen. If that is meant, confirm it when you go live."),
      };
    case "payments":
      return { title: t("Payments"), what: payments(point, done) };
    case "clock":
      return {
        title: t("The brand's time is real"),
        what: done
          ? t("Nobody has moved its clock.")
          : t(
              "Its clock was moved, so it stays a sandbox. Take its settings to a new brand and go live with that.",
            ),
      };
    case "second_factor":
      return {
        title: t("Every owner has a second factor"),
        what: done
          ? t("Nobody becomes an owner with a stolen password alone.")
          : t("Without one: {names}. Each adds an authenticator app or a passkey.", {
              names: list(point, "without"),
            }),
      };
    case "logo":
      return {
        title: t("Symbol"),
        what: done
          ? t("Members recognise the brand.")
          : t("A square symbol makes the site yours, on phones too."),
      };
    case "contrast":
      return {
        title: t("The brand colour can be read"),
        what: done
          ? t("It is used as you chose it.")
          : t("{colour} cannot be read on a page; {nearest} is used instead.", {
              colour: text(point, "colour"),
              nearest: text(point, "nearest"),
            }),
      };
    case "tiers":
      return {
        title: t("Tiers"),
        what: done
          ? t("Members have something to reach: {n} tiers.", { n: number(point, "tiers") })
          : t("Without tiers all members are alike. They can be added later."),
      };
    case "sender":
      return {
        title: t("Sender of mails"),
        what: done
          ? t("Mails come from your name, by {address}.", { address: text(point, "address") })
          : t("Mails carry the programme's name. Choose another sender if you like."),
      };
    case "second_owner":
      return {
        title: t("A second owner"),
        what: done
          ? t("Somebody can help where one owner cannot sign in.")
          : t("Invite another owner, so that a lost phone does not lock the brand out."),
      };
    case "single_sign_on":
      return {
        title: t("Single sign-on"),
        what: done
          ? t("People come in with their company accounts.")
          : t("Optional: let people come in with their company accounts."),
      };
  }
  return { title: point.code, what: "" };
}

function fulfilment(point: LifePoint, done: boolean): string {
  const sandboxes = list(point, "sandboxes");
  if (done && sandboxes)
    return t("Sandbox: nothing real is delivered by {suppliers}.", { suppliers: sandboxes });
  if (done) return t("Every supplier that products name is set up.");
  const unknown = list(point, "unknown");
  if (unknown)
    return t("Products name suppliers that are not set up: {suppliers}.", { suppliers: unknown });
  const missing = list(point, "missing");
  if (missing) return t("Store these secrets: {names}.", { names: missing });
  return t("Set up a supplier, or your own counter.");
}

function payments(point: LifePoint, done: boolean): string {
  const sandbox = number(point, "sandbox") === 1;
  if (done)
    return sandbox
      ? t("Sandbox: test cards only, no real money moves.")
      : t("Real money goes to your own account.");
  if (number(point, "wrong_mode") === 1)
    return sandbox
      ? t("This deployment takes test money: store a test key, never a live one.")
      : t("The key is a test key: store the live key of your own account.");
  return t("Store these secrets: {names}.", { names: list(point, "missing") });
}
