import { t } from "@/i18n";
import type { ProblemError } from "@/lib/problem";

/** A problem in words: what happened, and what to do. */
export function explain(problem: ProblemError): { title: string; what: string } {
  const told = problem.body.detail ?? "";
  switch (problem.status) {
    case 0:
      return problem.code === "offline"
        ? {
            title: t("The console cannot be reached"),
            what: t("Nothing was saved. Check the connection and try again."),
          }
        : { title: t("Something went wrong"), what: told || problem.body.title };
    case 403:
      return {
        title: t("You may not do this"),
        what: told || t("Ask an administrator of the brand for the permission."),
      };
    case 404:
      return { title: t("Not found"), what: told || t("It may have been removed.") };
    case 429:
      return {
        title: t("Too many requests"),
        what: told || t("Wait a moment and try again."),
      };
    default:
      if (problem.status >= 500) {
        return {
          title: t("Something went wrong on our side"),
          what: t("Nothing was saved. Try again; if it goes on, tell the operator: {id}", {
            id: problem.requestId ?? "-",
          }),
        };
      }
      return { title: problem.body.title, what: told };
  }
}
