import type { ReactNode } from "react";
import { t } from "@/i18n";
import classes from "./simulation.module.css";

/** A table that is wider than a phone. */
export function Scroll({ children }: { children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section className={classes.scroll} aria-label={t("Table")} tabIndex={0}>
      {children}
    </section>
  );
}
