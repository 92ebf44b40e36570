/** Why a company's sign-in was refused, for the person who stands before the door. */

import { t } from "@/i18n";

export function refusedWords(reason: string): string {
  switch (reason) {
    case "no_role":
      return t(
        "None of your groups gives access to this console. Ask an owner to map one of them to a role.",
      );
    case "suspended":
      return t("Your account was suspended or removed. Ask an owner of the programme.");
    case "unavailable":
      return t("Your company's sign-in does not answer at present. Try again in a moment.");
    case "access_denied":
      return t("Your company's sign-in did not let you in.");
    default:
      return t(
        "Your company's sign-in sent an answer that does not hold up. Try again; if it goes on, tell your administrator: {reason}",
        { reason },
      );
  }
}
