/** The colours that were chosen in this browser, kept by the component library. */

import { localStorageColorSchemeManager } from "@mantine/core";

const KEPT = "console.colours";

export const schemes = localStorageColorSchemeManager({ key: KEPT });

/** Whether anything was chosen in this browser. */
export function schemeIsKept(): boolean {
  return localStorage.getItem(KEPT) !== null;
}
