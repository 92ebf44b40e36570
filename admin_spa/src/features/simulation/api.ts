/** Calls about trying a change, and how often a run is looked at. */

import type { BackTestReport, PreviewLink, Simulation } from "@/api/types.gen";
import { call } from "@/lib/http";

export type { BackTestReport, PreviewLink, Simulation };
export type Totals = BackTestReport["before"];

/** What the panel and the screen need to know of a change set. */
export interface Tried {
  id: string;
  title: string;
  rowVersion: number;
  state: string;
}

export const WINDOWS = [7, 30, 90, 180, 365];
const LOOK_EVERY_MS = 500;

export const atWork = (run: Simulation) => run.state === "queued" || run.state === "running";

const at = (brand: string, changeSet: string) => `/${brand}/change-sets/${changeSet}/simulations`;

export const runsOptions = (brand: string, changeSet: string, rowVersion: number) => ({
  queryKey: ["simulations", brand, changeSet, rowVersion] as const,
  queryFn: () => call<{ items: Simulation[] }>("GET", at(brand, changeSet)),
  refetchInterval: (query: { state: { data?: { items: Simulation[] } | undefined } }) =>
    query.state.data?.items.some(atWork) ? LOOK_EVERY_MS : false,
});

export const reportOptions = (brand: string, run: Simulation) => ({
  queryKey: ["simulation-report", brand, run.id] as const,
  queryFn: () => call<BackTestReport>("GET", `${at(brand, run.changeSetId)}/${run.id}/report`),
  staleTime: Number.POSITIVE_INFINITY,
});

export function startRun(brand: string, changeSet: string, days: number): Promise<Simulation> {
  return call("POST", at(brand, changeSet), { body: { days } });
}

export function cancelRun(brand: string, run: Simulation): Promise<Simulation> {
  return call("POST", `${at(brand, run.changeSetId)}/${run.id}/cancel`);
}

export function reportHref(brand: string, run: Simulation, kind: "report" | "report.csv"): string {
  return `/api/admin/v1${at(brand, run.changeSetId)}/${run.id}/${kind}`;
}

export function openPreview(brand: string, changeSet: string): Promise<PreviewLink> {
  return call("POST", `/${brand}/change-sets/${changeSet}/preview`);
}
