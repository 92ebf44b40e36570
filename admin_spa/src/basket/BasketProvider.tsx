import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useBrand } from "@/app/me";
import { useUnsavedGuard } from "@/app/unsaved";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { asProblem } from "@/lib/problem";
import { showProblem } from "@/ui/notices";
import {
  changeSetKey,
  changeSetOptions,
  createChangeSet,
  type EditGiven,
  editChangeSet,
} from "./api";
import { type ChangeSet, EDITABLE } from "./types";
import { type Basket, BasketContext } from "./useBasket";

const PAUSE_MS = 350;

const keptAt = (brand: string) => `console.basket.${brand}`;

export function BasketProvider({ children }: { children: ReactNode }) {
  const brand = useBrand();
  const queries = useQueryClient();
  const [id, setId] = useState<string | null>(() => localStorage.getItem(keptAt(brand)));
  const [pending, setPending] = useState<ReadonlyMap<string, EditGiven>>(new Map());
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [opened, setOpened] = useState(false);
  const waiting = useRef(new Map<string, EditGiven>());
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const running = useRef<Promise<void> | null>(null);
  const current = useRef(id);

  const choose = useCallback(
    (next: string | null) => {
      current.current = next;
      setId(next);
      if (next) localStorage.setItem(keptAt(brand), next);
      else localStorage.removeItem(keptAt(brand));
    },
    [brand],
  );

  const { data, error } = useQuery({
    ...changeSetOptions(brand, id ?? ""),
    enabled: id !== null,
    refetchInterval: 20_000,
  });
  const changeSet = data && EDITABLE.has(data.state) ? data : null;
  useEffect(() => {
    // Submitted, published or discarded: the next edit begins another one.
    if (id && ((data && !EDITABLE.has(data.state)) || (error && asProblem(error).status === 404))) {
      choose(null);
    }
  }, [id, data, error, choose]);

  const send = useCallback(async () => {
    while (waiting.current.size) {
      const batch = [...waiting.current.values()];
      waiting.current.clear();
      setSaving(true);
      try {
        const fresh = await deliver(batch);
        // A reading that is still on its way would show the set as it was.
        await queries.cancelQueries({ queryKey: changeSetKey(brand, fresh.id) });
        queries.setQueryData(changeSetKey(brand, fresh.id), fresh);
        setProblem(null);
      } catch (failed) {
        setProblem(failed);
        showProblem(failed);
      }
      setPending(new Map(waiting.current));
    }
    setSaving(false);
    void queries.invalidateQueries({ queryKey: ["change-sets", brand] });

    async function deliver(batch: EditGiven[]): Promise<ChangeSet> {
      let target: ChangeSet | null = null;
      if (current.current) {
        try {
          target = await queries.ensureQueryData(changeSetOptions(brand, current.current));
        } catch (failed) {
          // The set that this browser remembers is gone: the edit begins another one.
          if (asProblem(failed).status !== 404) throw failed;
        }
      }
      if (!target || !EDITABLE.has(target.state)) {
        target = await createChangeSet(
          brand,
          t("Changes of {when}", { when: formatDateTime(new Date()) }),
        );
        queries.setQueryData(changeSetKey(brand, target.id), target);
        choose(target.id);
      }
      try {
        return await editChangeSet(brand, target.id, target.rowVersion, batch);
      } catch (failed) {
        if (asProblem(failed).code !== "stale_draft") throw failed;
        // Somebody else edited the same draft. Where they touched other fields, ours go on top.
        const known = target;
        const told = asProblem(failed).body.changeSet as ChangeSet | undefined;
        const fresh: ChangeSet =
          told ??
          (await queries.fetchQuery({ ...changeSetOptions(brand, target.id), staleTime: 0 }));
        if (!EDITABLE.has(fresh.state)) {
          // It was submitted meanwhile: an edit would take it out of review again.
          queries.setQueryData(changeSetKey(brand, fresh.id), fresh);
          choose(null);
          return await deliver(batch);
        }
        const ours = batch.filter((e) => same(valueIn(known, e.path), valueIn(fresh, e.path)));
        if (ours.length < batch.length) {
          showProblem(failed);
          if (!ours.length) return fresh;
        }
        return await editChangeSet(brand, fresh.id, fresh.rowVersion, ours);
      }
    }
  }, [brand, choose, queries]);

  const flush = useCallback(async () => {
    clearTimeout(timer.current);
    do {
      running.current ??= send().finally(() => {
        running.current = null;
      });
      await running.current;
    } while (waiting.current.size);
  }, [send]);

  const put = useCallback(
    (edit: EditGiven) => {
      waiting.current.set(edit.path, edit);
      setPending(new Map(waiting.current));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush(), PAUSE_MS);
    },
    [flush],
  );

  useUnsavedGuard(pending.size > 0 || saving, flush);

  const basket = useMemo<Basket>(() => {
    const edits = changeSet?.edits ?? [];
    const paths = new Set(edits.map((e) => e.path));
    for (const edit of pending.values()) {
      if ("revert" in edit) paths.delete(edit.path);
      else paths.add(edit.path);
    }
    const editOf = (path: string) => edits.find((e) => e.path === path);
    return {
      id: changeSet?.id ?? null,
      changeSet,
      count: paths.size,
      revision: changeSet ? `${changeSet.id}:${changeSet.rowVersion}` : "",
      edits: [
        ...edits.filter((e) => !pending.has(e.path)).map((e) => ({ path: e.path, value: e.after })),
        ...[...pending.values()].flatMap((e) =>
          "revert" in e ? [] : [{ path: e.path, value: "value" in e ? e.value : undefined }],
        ),
      ],
      saving: saving || pending.size > 0,
      problem,
      addEdit: (path, value) => put({ path, value }),
      removeAt: (path) => put({ path, remove: true }),
      revert: (path) => put({ path, revert: true }),
      valueOf: (path) => {
        const on = pending.get(path);
        if (on) return "value" in on ? on.value : undefined;
        return editOf(path)?.after ?? undefined;
      },
      editOf,
      isEdited: (path) => paths.has(path),
      findingsAt: (path) => (changeSet?.findings ?? []).filter((f) => f.path === path),
      choose,
      flush,
      opened,
      open: () => setOpened(true),
      close: () => setOpened(false),
    };
  }, [changeSet, pending, saving, problem, put, choose, flush, opened]);

  return <BasketContext value={basket}>{children}</BasketContext>;
}

function valueIn(changeSet: ChangeSet, path: string): unknown {
  return changeSet.edits.find((e) => e.path === path)?.after;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
