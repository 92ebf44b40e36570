import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Maintenances } from "@/api/types.gen";
import { t } from "@/i18n";
import { callPlatform } from "@/lib/http";
import { done } from "@/ui/notices";

const KEY = ["platform", "maintenance"];

/** Who is read-only for now. */
export function useMaintenances() {
  return useQuery({
    queryKey: KEY,
    queryFn: () => callPlatform<Maintenances>("GET", "/maintenance"),
    refetchInterval: 15_000,
  });
}

/** Ends the maintenance of a tenant, or everybody's where there is no `slug`. */
export function useEndMaintenance() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (slug: string | null) =>
      callPlatform<Maintenances>(
        "POST",
        slug ? `/tenants/${slug}/maintenance/end` : "/maintenance/end",
      ),
    onSuccess: async () => {
      done(t("The maintenance is over: changes are taken again."));
      await queries.invalidateQueries({ queryKey: KEY });
    },
  });
}
