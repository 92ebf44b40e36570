import { AppShell, Burger, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useMe } from "@/app/me";
import { BasketProvider } from "@/basket/BasketProvider";
import { t } from "@/i18n";
import { BasketButton } from "./BasketButton";
import { Menu } from "./Menu";
import { NoticeBanner } from "./NoticeBanner";
import { PaletteButton } from "./PaletteButton";
import classes from "./Shell.module.css";
import { StateBanner } from "./StateBanner";
import { SupportBanner } from "./SupportBanner";
import { stateWords } from "./tenantState";
import { UserMenu } from "./UserMenu";

const BasketDrawer = lazy(() =>
  import("./BasketDrawer").then((m) => ({ default: m.BasketDrawer })),
);

/** Where the keys are in a table. */
const ROW = "[role=row][tabindex='0']";

/** What stands around every screen of a brand. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { brand } = useMe();
  const live = brand.operator || (brand.environment === "production" && brand.status === "live");
  useFocusOnNewScreen();
  return (
    <BasketProvider>
      <a href="#main" className="skip-link">
        {t("Skip to the content")}
      </a>
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 232, breakpoint: "md", collapsed: { mobile: !opened } }}
        padding={0}
        transitionDuration={120}
      >
        <AppShell.Header className={classes.header} data-live={live || undefined}>
          <Group h="100%" px="md" gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="md"
              size="sm"
              aria-label={opened ? t("Close the menu") : t("Open the menu")}
            />
            <div className={classes.where}>
              <span className={classes.brand}>{brand.name}</span>
              <span className={classes.environment} data-live={live || undefined}>
                {brand.operator ? t("Staff") : stateWords(brand.environment, brand.status)}
              </span>
            </div>
            <div className={classes.space} />
            <PaletteButton />
            <BasketButton />
            <UserMenu />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar className={classes.navbar}>
          <Menu onGo={close} />
        </AppShell.Navbar>
        <AppShell.Main id="main" className={classes.main} tabIndex={-1}>
          <div className={classes.content}>
            <SupportBanner />
            <NoticeBanner />
            <StateBanner />
            <Suspense>
              <Outlet />
            </Suspense>
          </div>
        </AppShell.Main>
      </AppShell>
      <Suspense>
        <BasketDrawer />
      </Suspense>
    </BasketProvider>
  );
}

/**
 * A new screen: readers of screens hear its title, keys begin at its top. A panel that closes gives
 * the focus back to the row it was opened from.
 */
function useFocusOnNewScreen(): void {
  const path = useLocation({ select: (l) => l.pathname });
  const last = useRef<{ path: string; list: Element | null } | null>(null);
  useEffect(() => {
    const before = last.current;
    last.current = { path, list: document.querySelector("#main [role=grid]") };
    if (!before) return;
    // The list is still the same one: it was a panel beside it that closed.
    const closed = before.path.startsWith(`${path}/`) && before.list?.isConnected;
    const timer = setTimeout(() => {
      // A panel that opened beside a list has taken the focus itself.
      if (document.activeElement?.closest("[role=dialog]")) return;
      const row = closed ? before.list?.querySelector<HTMLElement>(ROW) : null;
      (row ?? document.getElementById("screen-title"))?.focus({ preventScroll: true });
    }, 60);
    return () => clearTimeout(timer);
  }, [path]);
}
