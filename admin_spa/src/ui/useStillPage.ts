import { useLayoutEffect } from "react";

let panels = 0;

/**
 * Holds the page still while a panel is open over it. The library's own lock sets an inherited
 * property on the body, and every element of a long list is styled anew for it.
 */
export function useStillPage(): void {
  useLayoutEffect(() => {
    const page = document.documentElement;
    panels += 1;
    if (panels === 1) {
      const bar = window.innerWidth - page.clientWidth;
      page.dataset.still = bar > 0 ? "gutter" : "";
    }
    return () => {
      panels -= 1;
      if (panels === 0) delete page.dataset.still;
    };
  }, []);
}
