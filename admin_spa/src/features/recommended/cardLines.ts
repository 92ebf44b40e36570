/** What is wrong with a line of a base of cards, by the reason's code. */

import type { CardBaseLine } from "@/api/types.gen";
import { mark, td } from "@/i18n";

const WRONG: Record<string, string> = {
  consent: mark("Consent is yes or no."),
  currency: mark("A currency is written BRL."),
  date: mark("A day is written 2026-11-30."),
  duplicate: mark("The same member and bank stand in an earlier line."),
  encoding: mark("The line is not UTF-8."),
  formula: mark("The value begins like a formula."),
  limit: mark("A limit is a whole number of minor units, not below 0."),
  member: mark("Name the member by exactly one: your own id, the e-mail or the number."),
  number: mark("A member number has 12 digits."),
  past: mark("This approval is over."),
  quotes: mark("A quote is open or misplaced."),
  unknown_member: mark("There is no such member here."),
  variant: mark("A variant has 1 to 60 letters, digits and dashes."),
};

export function lineWords(line: CardBaseLine): string {
  return td(WRONG[line.code] ?? line.reason);
}
