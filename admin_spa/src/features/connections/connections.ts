import { useQuery } from "@tanstack/react-query";
import type { ConnectionList } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { call } from "@/lib/http";

/** The brand's connections, and what their rules can name. */
export function useConnections() {
  const brand = useBrand();
  return useQuery({
    queryKey: ["connections", brand],
    queryFn: () => call<ConnectionList>("GET", `/${brand}/connections`),
  });
}
