import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useBrand, useMe } from "@/app/me";
import { useUnsavedGuard } from "@/app/unsaved";
import { t, tx } from "@/i18n";
import { formatPoints } from "@/i18n/formats";
import { call } from "@/lib/http";
import { asProblem, type ProblemError } from "@/lib/problem";
import { useConfirm } from "@/ui/Confirm";
import { done } from "@/ui/notices";
import { Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { SidePanel } from "@/ui/SidePanel";
import { State, When } from "@/ui/Values";
import { type Loaded, listKey, productKey, readProduct } from "./api";
import classes from "./Catalogue.module.css";
import { Conflict } from "./Conflict";
import { Editor } from "./Editor";
import { cleaned, type Draft, same } from "./product";
import { statusTone, statusWords } from "./words";

const SIZE = "min(880px, 100%)";

/** A product beside the list, edited in place. */
export function Product() {
  const brand = useBrand();
  const { product: id } = useParams({ strict: false }) as { product: string };
  const found = useQuery({
    queryKey: productKey(brand, id),
    queryFn: () => readProduct(brand, id),
    refetchOnWindowFocus: false,
  });
  if (!found.data) {
    return (
      <SidePanel title={t("Product")} closeTo="/catalogue" size={SIZE}>
        {found.error ? (
          <Problem error={found.error} retry={() => void found.refetch()} />
        ) : (
          <Waiting lines={8} />
        )}
      </SidePanel>
    );
  }
  return <Opened key={id} loaded={found.data} />;
}

function Opened({ loaded }: { loaded: Loaded }) {
  const brand = useBrand();
  const me = useMe();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [base, setBase] = useState(loaded);
  const [draft, setDraft] = useState<Draft>(loaded.product);
  const [theirs, setTheirs] = useState<Loaded | null>(null);
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const dirty = !same(base.product, draft);
  useUnsavedGuard(dirty);
  // A stock count or a publication brings a newer version; what is being edited stays.
  useEffect(() => {
    if (loaded.rowVersion > base.rowVersion && !dirty) {
      setBase(loaded);
      setDraft(loaded.product);
    }
  }, [loaded, base.rowVersion, dirty]);

  const took = (next: Loaded) => {
    setBase(next);
    setDraft(next.product);
    setProblem(null);
    queries.setQueryData(productKey(brand, next.id), next);
    void queries.invalidateQueries({ queryKey: listKey(brand) });
    void queries.invalidateQueries({ queryKey: ["catalogue-options", brand] });
  };
  const save = useMutation({
    mutationFn: () =>
      call<Loaded>("PUT", `/${brand}/catalogue/products/${base.id}`, {
        body: { product: cleaned(draft), rowVersion: base.rowVersion },
      }),
    onSuccess: (next) => {
      took(next);
      done(t("Saved"));
    },
    onError: async (error) => {
      const told = asProblem(error);
      setProblem(told);
      if (told.code === "product_changed") setTheirs(await readProduct(brand, base.id));
    },
    meta: { shown: true },
  });
  const move = useMutation({
    mutationFn: (act: "publish" | "withdraw") =>
      call<Loaded>("POST", `/${brand}/catalogue/products/${base.id}/${act}`),
    onSuccess: (next) => {
      took(next);
      done(next.product.status === "published" ? t("Members see it now") : t("Withdrawn"));
    },
  });
  const status = base.product.status;
  const writes = me.may("catalogue:write");
  const toggle = async () => {
    const act = status === "published" ? "withdraw" : "publish";
    const points = base.skus[0]?.price?.tiers[0]?.points;
    const yes = await confirm({
      title: act === "publish" ? t("Publish this product?") : t("Withdraw this product?"),
      act: act === "publish" ? t("Publish") : t("Withdraw"),
      danger: act === "withdraw",
      consequence:
        act === "publish"
          ? points === undefined
            ? t("Members see it at once.")
            : t("Members see it at once, from {points}.", { points: formatPoints(points) })
          : t("Members cannot get it any more; orders under way go on."),
    });
    if (yes) move.mutate(act);
  };
  const name = Object.values(base.product.texts)[0]?.name ?? base.product.slug;
  return (
    <SidePanel
      title={
        <Group gap="sm" component="span">
          {name}
          <State tone={statusTone(status)}>{statusWords(status)}</State>
        </Group>
      }
      closeTo="/catalogue"
      size={SIZE}
      {...(writes
        ? {
            footer: (
              <div className={classes.footer}>
                <Group gap="xs">
                  <Button loading={save.isPending} disabled={!dirty} onClick={() => save.mutate()}>
                    {t("Save")}
                  </Button>
                  <Button
                    variant="default"
                    disabled={!dirty || save.isPending}
                    onClick={() => {
                      setDraft(base.product);
                      setProblem(null);
                    }}
                  >
                    {t("Undo my changes")}
                  </Button>
                </Group>
                <Button
                  variant={status === "published" ? "default" : "light"}
                  disabled={dirty}
                  title={dirty ? t("Save your changes first") : undefined}
                  loading={move.isPending}
                  onClick={() => void toggle()}
                >
                  {status === "published" ? t("Withdraw") : t("Publish")}
                </Button>
              </div>
            ),
          }
        : {})}
    >
      <Stack>
        <Text size="sm" c="var(--muted)">
          {base.changed.by
            ? tx("Changed by {who}, {when}", {
                who: <b>{base.changed.by}</b>,
                when: <When at={base.changed.at} ago />,
              })
            : tx("Changed {when}", { when: <When at={base.changed.at} ago /> })}
        </Text>
        {theirs ? (
          <Conflict
            base={base.product}
            mine={draft}
            theirs={theirs}
            settle={(product) => {
              setBase(theirs);
              setDraft(product);
              setTheirs(null);
              setProblem(null);
            }}
          />
        ) : problem ? (
          <Problem error={problem} />
        ) : null}
        {base.skus.some((s) => s.restriction) ? (
          <Alert color="red" variant="light" title={t("The supplier restricts this product")}>
            {t("It cannot be published. Choose another offer, or remove the variant.")}
          </Alert>
        ) : null}
        <Editor
          id={base.id}
          draft={draft}
          change={setDraft}
          skus={base.skus}
          problem={problem}
          reads={!writes}
        />
      </Stack>
    </SidePanel>
  );
}
