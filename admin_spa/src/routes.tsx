/** Every screen and its address: one line each, its code loaded when it is first shown. */

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from "@tanstack/react-router";
import type { FunctionComponent } from "react";
import { Broken, Lost, Missing, SignedIn, Starting } from "./app/frames";

interface Context {
  queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: Missing,
  errorComponent: Broken,
});

type Load = () => Promise<Record<string, FunctionComponent>>;

/** A screen outside any brand: signing in. */
function open(path: string, load: Load, name: string) {
  return createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load as never, name),
  });
}

const brand = createRoute({ getParentRoute: () => root, path: "$brand", component: SignedIn });

/** A screen of a brand: `screen("orders", () => import("./features/orders/Orders"), "Orders")`. */
function screen(path: string, load: Load, name: string) {
  return createRoute({
    getParentRoute: () => brand,
    path,
    component: lazyRouteComponent(load as never, name),
  });
}

const QUIET_MS = 300;

/**
 * A list with panels that open beside it, each with an address; the list renders `<Outlet />`.
 * Once it is shown, its panels' code is fetched ahead: the first row opens as fast as the next.
 */
export function list(path: string, load: Load, name: string, panels: [string, Load, string][]) {
  const ahead = () => {
    // Without a network a panel says so itself when it is opened.
    for (const [, loadPanel] of panels) void loadPanel().catch(() => undefined);
  };
  const loaded = async () => {
    const screens = await load();
    setTimeout(ahead, QUIET_MS);
    return screens;
  };
  const parent = screen(path, loaded, name);
  return parent.addChildren(
    panels.map(([below, loadPanel, panel]) =>
      createRoute({
        getParentRoute: () => parent,
        path: below,
        component: lazyRouteComponent(loadPanel as never, panel),
      }),
    ),
  );
}

const OPEN = [
  open("/", () => import("./features/welcome/Welcome"), "Welcome"),
  open("sign-in", () => import("./features/sign-in/FindBrand"), "FindBrand"),
  open("$brand/sign-in", () => import("./features/sign-in/SignIn"), "SignIn"),
  open("$brand/sign-in/link", () => import("./features/sign-in/Link"), "Link"),
];

const SCREENS = [
  screen("/", () => import("./features/overview/Home"), "Home"),
  list("tenants", () => import("./features/platform/Tenants"), "Tenants", [
    ["$tenant", () => import("./features/platform/Tenant"), "Tenant"],
  ]),
  screen("deployment", () => import("./features/platform/Deployment"), "Deployment"),
  screen("queues", () => import("./features/platform/Queues"), "Queues"),
  screen("signs", () => import("./features/platform/Signs"), "Signs"),
  screen("announcements", () => import("./features/platform/Announcements"), "Announcements"),
  screen("maintenance", () => import("./features/platform/Maintenance"), "Maintenance"),
  screen("support", () => import("./features/support/Support"), "Support"),
  screen("changes", () => import("./features/changes/ChangeSets"), "ChangeSets"),
  screen("changes/$changeSet", () => import("./features/changes/ChangeSet"), "ChangeSet"),
  screen("scheduled", () => import("./features/changes/Scheduled"), "Scheduled"),
  screen("versions", () => import("./features/versions/Versions"), "Versions"),
  screen("versions/$version", () => import("./features/versions/Version"), "Version"),
  screen("brand", () => import("./features/brand/Brand"), "Brand"),
  screen("brand/export", () => import("./features/brand/Export"), "Export"),
  screen("terms", () => import("./features/terms/Terms"), "Terms"),
  screen("plan", () => import("./features/plan/Plan"), "Plan"),
  screen("account", () => import("./features/account/Account"), "Account"),
  list("people", () => import("./features/people/People"), "People", [
    ["roles", () => import("./features/people/Roles"), "Roles"],
    ["$person", () => import("./features/people/Person"), "Person"],
  ]),
  screen("test-clock", () => import("./features/test-clock/TestClock"), "TestClock"),
  screen("audit", () => import("./features/audit/Audit"), "Audit"),
  screen(
    "changes/$changeSet/rollout",
    () => import("./features/rollouts/RolloutPage"),
    "RolloutPage",
  ),
  screen("programme", () => import("./features/programme/Programme"), "Programme"),
  screen("programme/$section", () => import("./features/programme/Section"), "Section"),
  list(
    "recommendations",
    () => import("./features/programme/recommendations/Recommendations"),
    "Recommendations",
    [["$offer", () => import("./features/programme/recommendations/Offer"), "Offer"]],
  ),
  screen(
    "recommended/measurement",
    () => import("./features/recommended/Measurement"),
    "Measurement",
  ),
  screen("recommended/slate", () => import("./features/recommended/SlateTry"), "SlateTry"),
  screen("recommended/models", () => import("./features/recommended/Models"), "Models"),
  screen("recommended/card-bases", () => import("./features/recommended/CardBases"), "CardBases"),
  screen("integrations", () => import("./features/integrations/Integrations"), "Integrations"),
  screen("till", () => import("./features/till/Till"), "Till"),
  screen(
    "integrations/domains",
    () => import("./features/integrations/SiteDomains"),
    "SiteDomains",
  ),
  screen("integrations/keys", () => import("./features/integrations/Keys"), "Keys"),
  screen("integrations/secrets", () => import("./features/integrations/Secrets"), "Secrets"),
  screen(
    "integrations/connections",
    () => import("./features/connections/Connections"),
    "Connections",
  ),
  screen(
    "integrations/connections/new",
    () => import("./features/connections/NewConnection"),
    "NewConnection",
  ),
  screen(
    "integrations/connections/$connection",
    () => import("./features/connections/ConnectionScreen"),
    "ConnectionScreen",
  ),
  screen("integrations/webhooks", () => import("./features/integrations/Webhooks"), "Webhooks"),
  screen(
    "changes/$changeSet/simulation",
    () => import("./features/simulation/Simulation"),
    "Simulation",
  ),
  list("catalogue", () => import("./features/catalogue/Catalogue"), "Catalogue", [
    ["new", () => import("./features/catalogue/NewProduct"), "NewProduct"],
    ["$product", () => import("./features/catalogue/Product"), "Product"],
  ]),
  list("orders", () => import("./features/orders/Orders"), "Orders", [
    ["$order", () => import("./features/orders/Order"), "Order"],
  ]),
  screen("members", () => import("./features/members/Members"), "Members"),
  screen("members/adjustments", () => import("./features/members/Adjustments"), "Adjustments"),
  screen("members/imports", () => import("./features/members/Imports"), "Imports"),
  screen("members/imports/$import", () => import("./features/members/Imports"), "Import"),
  screen("members/$member", () => import("./features/members/Member"), "Member"),
  screen("catalogue/imports", () => import("./features/catalogue/Imports"), "Imports"),
  screen("catalogue/imports/$import", () => import("./features/catalogue/Imports"), "Import"),
];

const lost = createRoute({ getParentRoute: () => brand, path: "$", component: Lost });

export function makeRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([...OPEN, brand.addChildren([...SCREENS, lost])]),
    context: { queries },
    defaultPreload: "intent",
    defaultPendingComponent: Starting,
    defaultErrorComponent: Broken,
    defaultNotFoundComponent: Missing,
    scrollRestoration: true,
  });
}
