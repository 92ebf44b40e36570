import type { MemberImport } from "@/api/types.gen";
import { mark, t, td } from "@/i18n";

const FAULT: Record<string, string> = {
  quota_reached: mark(
    "The plan of the programme has no room for so many members. An owner of the brand can choose a larger plan.",
  ),
  upload_gone: mark("The file is not kept any more: send it again."),
  encoding: mark("The file is not UTF-8: save it as CSV UTF-8 and send it again."),
  heading: mark("The first line must name the columns."),
  delimiter: mark("The columns are parted by |; part them by comma, semicolon or tab."),
  unknown_column: mark("A column has a name that is not known here."),
  duplicate_column: mark("A column stands twice in the heading."),
  missing_column: mark("A column that is needed is missing: e-mail and name are."),
};

/** Why an import ended early. */
export const faultWords = (one: MemberImport): string =>
  one.faultCode && FAULT[one.faultCode] ? td(FAULT[one.faultCode] ?? "") : (one.fault ?? "");

const LINE: Record<string, string> = {
  encoding: mark("The line is not UTF-8: save the file as CSV UTF-8."),
  nul: mark("The line has a character in it that no text has."),
  quotes: mark("A quote is open or misplaced."),
  columns: mark("The line has more or fewer values than the heading."),
  too_long: mark("The line is too long."),
  formula: mark("A value must not look like a formula."),
  email: mark("This is not an e-mail address."),
  required: mark("This is needed."),
  control: mark("Control characters are not accepted."),
  points: mark("Points are a whole number, not below 0."),
  expiry: mark("A last day needs an opening balance."),
  date: mark("This is no day that fits: write it as 2026-11-30."),
  past: mark("This day is over."),
  phone: mark("This is no phone number: write it with + and the country's code."),
  language: mark("The programme does not speak this language."),
  tier: mark("The programme has no such tier, or the tier is missing."),
  lifetime: mark("Tiers have no last day in this programme: leave this empty."),
  year: mark("Tiers last until the end of a year: write the 31st of December."),
  ahead: mark("This day is too far ahead."),
  duplicate: mark("This stands further up in the file already."),
  in_flight: mark("Somebody changed this member meanwhile: send the file again."),
};

/** What is wrong with a line that is not taken. */
export function lineWords(line: { column: string; reason: string; message: string }): string {
  if (line.reason === "differs") {
    return line.column === "opening_balance"
      ? t("The member has another opening balance already.")
      : t("The own id belongs to another member, or the member has another one.");
  }
  return LINE[line.reason] ? td(LINE[line.reason] ?? "") : line.message;
}
