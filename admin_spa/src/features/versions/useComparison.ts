import { useQuery } from "@tanstack/react-query";
import type { Comparison } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { call } from "@/lib/http";

/** What differs between two versions; versions never change, so that it is asked once. */
export function useComparison(from: number, to: number) {
  const brand = useBrand();
  return useQuery({
    queryKey: ["versions-compared", brand, from, to],
    queryFn: () => call<Comparison>("GET", `/${brand}/versions/compare`, { query: { from, to } }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
