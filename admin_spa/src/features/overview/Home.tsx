import { Navigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Starting } from "@/app/frames";
import { useHref } from "@/app/links";
import { useMe } from "@/app/me";
import { MENU } from "@/layout/menu";

const Overview = lazy(() => import("./Overview").then((m) => ({ default: m.Overview })));
const Tenants = lazy(() => import("../platform/Tenants").then((m) => ({ default: m.Tenants })));

/**
 * The first screen: of a brand its overview, of the platform its tenants. Whose roles open neither,
 * a cashier's, begins where the first line of their menu leads.
 */
export function Home() {
  const { brand, may } = useMe();
  const href = useHref();
  const first = MENU.find((one) => one.permission && may(one.permission));
  if (!brand.operator && first && first.to !== "/") {
    return <Navigate to={href(first.to)} replace />;
  }
  return <Suspense fallback={<Starting />}>{brand.operator ? <Tenants /> : <Overview />}</Suspense>;
}
