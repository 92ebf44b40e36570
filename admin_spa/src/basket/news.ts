import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useBrand } from "@/app/me";
import { changeSetKey } from "./api";
import type { ChangeSet } from "./types";

/** Hand on a change set that a call answered with: everything that shows it, or what it changed. */
export function useChangeSetNews(): (fresh: ChangeSet) => void {
  const queries = useQueryClient();
  const brand = useBrand();
  return useCallback(
    (fresh) => {
      const key = changeSetKey(brand, fresh.id);
      // What was asked before this answer would put the old state back over it.
      void queries.cancelQueries({ queryKey: key });
      queries.setQueryData(key, fresh);
      // A publication changes nearly everything that a screen shows.
      const own = new Set(["change-set", "me"]);
      void queries.invalidateQueries({ predicate: (q) => !own.has(String(q.queryKey[0])) });
    },
    [queries, brand],
  );
}
