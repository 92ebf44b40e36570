/** Short messages at the edge of the screen, read out by screen readers. */

import { notifications } from "@mantine/notifications";
import { t } from "@/i18n";
import { asProblem } from "@/lib/problem";
import { explain } from "./explain";

/** It worked. */
export function done(message: string): void {
  notifications.show({
    message,
    color: "green",
    autoClose: 5000,
    withBorder: true,
    closeButtonProps: { "aria-label": t("Close") },
  });
}

/** It did not, and what to do. */
export function showProblem(thrown: unknown): void {
  const problem = asProblem(thrown);
  if (problem.status === 401) return;
  const { title, what } = explain(problem);
  notifications.show({
    title,
    message: what,
    color: "red",
    autoClose: 12_000,
    withBorder: true,
    closeButtonProps: { "aria-label": t("Close") },
  });
}
