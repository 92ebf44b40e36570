import { Drawer, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useGo } from "@/app/links";
import { t } from "@/i18n";
import { useStillPage } from "./useStillPage";

/**
 * A row opened beside its list. It is a route of its own (`/orders/42`) that the list renders as
 * its child, so it has an address; closing leads to `closeTo` and the list stays as it was.
 */
export function SidePanel({
  title,
  closeTo,
  onClose,
  size = 640,
  children,
  footer,
}: {
  title: ReactNode;
  closeTo?: string;
  onClose?: () => void;
  size?: number | string;
  children: ReactNode;
  footer?: ReactNode;
}) {
  const go = useGo();
  useStillPage();
  const close = () => {
    onClose?.();
    // The list's own filters stand in the search and stay.
    if (closeTo) void go(closeTo + location.search);
  };
  return (
    <Drawer
      opened
      onClose={close}
      lockScroll={false}
      size={size}
      title={
        <Text component="span" fw={620} fz="lg">
          {title}
        </Text>
      }
      closeButtonProps={{ "aria-label": t("Close") }}
      transitionProps={{ duration: 120 }}
    >
      {children}
      {footer ? (
        <div
          style={{
            position: "sticky",
            bottom: 0,
            marginTop: 24,
            marginInline: "calc(-1 * var(--mb-padding, 16px))",
            padding: 16,
            borderTop: "1px solid var(--line)",
            background: "var(--raised)",
          }}
        >
          {footer}
        </div>
      ) : null}
    </Drawer>
  );
}
