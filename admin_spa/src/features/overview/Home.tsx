import { lazy, Suspense } from "react";
import { Starting } from "@/app/frames";
import { useMe } from "@/app/me";

const Overview = lazy(() => import("./Overview").then((m) => ({ default: m.Overview })));
const Tenants = lazy(() => import("../platform/Tenants").then((m) => ({ default: m.Tenants })));

/** The first screen: of a brand its overview, of the platform its tenants. */
export function Home() {
  const { brand } = useMe();
  return <Suspense fallback={<Starting />}>{brand.operator ? <Tenants /> : <Overview />}</Suspense>;
}
