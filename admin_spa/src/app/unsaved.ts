import { useBlocker } from "@tanstack/react-router";
import { useEffect } from "react";
import { t } from "@/i18n";
import { useConfirm } from "@/ui/Confirm";

/**
 * While `dirty`, leaving asks first. With `save`, leaving inside the console saves instead of
 * asking; closing the window still asks.
 */
export function useUnsavedGuard(dirty: boolean, save?: () => Promise<void>): void {
  const confirm = useConfirm();
  useBlocker({
    shouldBlockFn: async ({ current, next }) => {
      // The same screen with another filter leaves nothing.
      if (!dirty || current.pathname === next.pathname) return false;
      if (save) {
        await save();
        return false;
      }
      return !(await confirm({
        title: t("Leave without saving?"),
        consequence: t("What you entered on this screen is lost."),
        act: t("Leave"),
        danger: true,
      }));
    },
    enableBeforeUnload: false,
    disabled: !dirty,
  });
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [dirty]);
}
