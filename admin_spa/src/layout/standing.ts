/** What stands above every screen: it is known before the first is shown, so that none moves. */

import { useQuery } from "@tanstack/react-query";
import type { Notices, SupportAccesses } from "@/api/types.gen";
import type { Me } from "@/app/me";
import { call } from "@/lib/http";

export const noticesOptions = (brand: string) => ({
  queryKey: ["notices", brand],
  queryFn: () => call<Notices>("GET", `/${brand}/notices`),
  refetchInterval: 60_000,
  retry: false,
});

export const supportOptions = (brand: string) => ({
  queryKey: ["support", brand],
  queryFn: () => call<SupportAccesses>("GET", `/${brand}/support`),
  refetchInterval: 20_000,
  retry: false,
});

/** Whether something may still come to stand there; what cannot be read holds nobody up. */
export function useStandingLoads(brand: string, me: Me | undefined): boolean {
  const watched = me && !me.brand.operator && !me.support;
  const notices = useQuery({ ...noticesOptions(brand), enabled: !!me });
  const support = useQuery({ ...supportOptions(brand), enabled: !!watched });
  return notices.isLoading || support.isLoading;
}
