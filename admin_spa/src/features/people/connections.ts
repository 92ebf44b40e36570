import { useQuery } from "@tanstack/react-query";
import type { ConnectionList } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { call } from "@/lib/http";

/** The company sign-ins that people can come in by. */
export function useOpenConnections() {
  const brand = useBrand();
  const me = useMe();
  const found = useQuery({
    queryKey: ["connections", brand],
    queryFn: () => call<ConnectionList>("GET", `/${brand}/connections`),
    enabled: me.may("connections:read"),
  });
  return (found.data?.items ?? []).filter(
    (one) => one.state === "enabled" || one.state === "enforced",
  );
}
