import { Button, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Guarded } from "@/app/frames";
import { useGo } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { useUnsavedGuard } from "@/app/unsaved";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem, type ProblemError } from "@/lib/problem";
import { EmptyState } from "@/ui/EmptyState";
import { done } from "@/ui/notices";
import { Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { SidePanel } from "@/ui/SidePanel";
import { type CatalogueOptions, type Loaded, listKey, useOptions } from "./api";
import classes from "./Catalogue.module.css";
import { Editor } from "./Editor";
import { blank, cleaned, type Draft, type Language, same, slugOf } from "./product";

/** A product to be made; it starts as a draft that nobody sees. */
export function NewProduct() {
  const options = useOptions();
  const go = useGo();
  return (
    <Guarded permission="catalogue:write" title={t("New product")}>
      <SidePanelOf>
        {options.error ? (
          <Problem error={options.error} retry={() => void options.refetch()} />
        ) : !options.data ? (
          <Waiting lines={6} />
        ) : !options.data.categories.length || !options.data.suppliers.length ? (
          <EmptyState
            title={t("The catalogue has no shelves yet")}
            action={
              <Button
                onClick={() =>
                  void go(
                    options.data?.categories.length
                      ? "/programme/fulfilment"
                      : "/programme/catalogue",
                  )
                }
              >
                {t("Set it up")}
              </Button>
            }
          >
            {t("A product stands in a category and comes from a supplier: add one of each first.")}
          </EmptyState>
        ) : (
          <Form options={options.data} />
        )}
      </SidePanelOf>
    </Guarded>
  );
}

function SidePanelOf({ children }: { children: React.ReactNode }) {
  return (
    <SidePanel title={t("New product")} closeTo="/catalogue" size="min(880px, 100%)">
      {children}
    </SidePanel>
  );
}

function Form({ options }: { options: CatalogueOptions }) {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const queries = useQueryClient();
  const [start] = useState(() =>
    blank({
      category: options.categories[0]?.key ?? "",
      supplier: options.suppliers[0] ?? "",
      currency: me.brand.currency,
      language: (options.languages[0] ?? "en") as Language,
    }),
  );
  const [draft, setDraft] = useState<Draft>(start);
  const [own, setOwn] = useState(false);
  const [made, setMade] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  useUnsavedGuard(!made && !same(start, draft));
  const save = useMutation({
    mutationFn: () =>
      call<Loaded>("POST", `/${brand}/catalogue/products`, { body: { product: cleaned(draft) } }),
    onSuccess: (product) => {
      setMade(true);
      done(t("The draft is saved; publish it when it is complete."));
      void queries.invalidateQueries({ queryKey: listKey(brand) });
      void queries.invalidateQueries({ queryKey: ["catalogue-options", brand] });
      setTimeout(() => void go(`/catalogue/${product.id}${location.search}`, { replace: true }));
    },
    onError: (error) => setProblem(asProblem(error)),
    meta: { shown: true },
  });
  const change = (next: Draft) => {
    const name = next.texts[(options.languages[0] ?? "en") as Language]?.name ?? "";
    if (next.slug !== draft.slug) setOwn(true);
    // The address follows the name until somebody writes one.
    setDraft(own || next.slug !== draft.slug ? next : { ...next, slug: slugOf(name) });
  };
  return (
    <Stack>
      {problem ? <Problem error={problem} /> : null}
      <Editor draft={draft} change={change} skus={[]} problem={problem} fresh />
      <div className={classes.footer}>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          {t("Save as draft")}
        </Button>
      </div>
    </Stack>
  );
}
