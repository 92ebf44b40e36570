import type { ReactNode } from "react";
import classes from "./Scroller.module.css";

/** Something wide on a narrow screen: it scrolls by itself, by keyboard too. */
export function Scroller({
  label,
  minWidth,
  children,
}: {
  label: string;
  minWidth: number;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section className={classes.scroller} aria-label={label} tabIndex={0}>
      <div style={{ minWidth }}>{children}</div>
    </section>
  );
}
