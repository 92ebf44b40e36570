import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { BrandLife } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { call } from "@/lib/http";
import { done } from "@/ui/notices";

/** Keeps what a step answered, and lets badge and banner follow. */
export function useLifeStep<T>(path: string, told: string) {
  const brand = useBrand();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: T) => call<BrandLife>("POST", `/${brand}/life/${path}`, { body }),
    onSuccess: async (life) => {
      client.setQueryData(["life", brand], life);
      done(told);
      await client.invalidateQueries({ queryKey: ["me", brand] });
    },
  });
}
