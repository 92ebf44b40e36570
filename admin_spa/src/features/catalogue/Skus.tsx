import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  NumberInput,
  Popover,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Counted, PriceSteps } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { language, t, tx } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { asProblem, type ProblemError } from "@/lib/problem";
import { Field } from "@/ui/Field";
import { done } from "@/ui/notices";
import { Figure, Money, Points } from "@/ui/Values";
import { listKey, productKey, type StockedSku } from "./api";
import classes from "./Catalogue.module.css";
import { blankSku, type Draft, type Language, type Sku } from "./product";

const MOST = 100;

/** SKUs with what they cost, what a member pays, what is left. */
export function Skus({
  id,
  draft,
  set,
  skus,
  problem,
}: {
  id?: string;
  draft: Draft;
  set: (variants: Sku[]) => void;
  skus: StockedSku[];
  problem: ProblemError | null;
}) {
  const change = (at: number, part: Partial<Sku>) =>
    set(draft.variants.map((v, i) => (i === at ? { ...v, ...part } : v)));
  const swap = (at: number, to: number) => {
    const next = [...draft.variants];
    const [moved] = next.splice(at, 1);
    if (moved) next.splice(to, 0, moved);
    set(next);
  };
  return (
    <Stack>
      {draft.variants.map((variant, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a SKU is being typed, its place is its identity
        <section key={at} className={classes.sku} aria-label={t("Variant {n}", { n: at + 1 })}>
          <Group justify="space-between" mb="xs">
            <Text fw={600}>{variant.sku || t("Variant {n}", { n: at + 1 })}</Text>
            <Group gap={4}>
              {draft.variants.length > 1 ? (
                <>
                  <Move up disabled={at === 0} onClick={() => swap(at, at - 1)} />
                  <Move
                    disabled={at === draft.variants.length - 1}
                    onClick={() => swap(at, at + 1)}
                  />
                  <Tooltip label={t("Remove this variant")}>
                    <ActionIcon
                      variant="subtle"
                      color="red"
                      aria-label={t("Remove this variant")}
                      onClick={() => set(draft.variants.filter((_, i) => i !== at))}
                    >
                      <Trash2 size={16} />
                    </ActionIcon>
                  </Tooltip>
                </>
              ) : null}
            </Group>
          </Group>
          <Variant
            variant={variant}
            known={skus.find((s) => s.sku === variant.sku)}
            draft={draft}
            {...(id ? { id } : {})}
            change={(part) => change(at, part)}
            error={(field) =>
              problem?.at(`variants.${at}.${field}`) ??
              problem?.at(`product.variants.${at}.${field}`) ??
              (field === "sku" ? problem?.at("sku") : undefined)
            }
          />
        </section>
      ))}
      <Group>
        <Button
          variant="default"
          leftSection={<Plus size={16} aria-hidden />}
          disabled={draft.variants.length >= MOST}
          onClick={() => set([...draft.variants, blankSku()])}
        >
          {t("Add a variant")}
        </Button>
      </Group>
    </Stack>
  );
}

function Move({ up, disabled, onClick }: { up?: boolean; disabled: boolean; onClick: () => void }) {
  const label = up ? t("Move up") : t("Move down");
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
      >
        {up ? <ChevronUp size={16} /> : <ChevronDown size={16} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Variant({
  variant,
  known,
  draft,
  id,
  change,
  error,
}: {
  variant: Sku;
  known: StockedSku | undefined;
  draft: Draft;
  id?: string;
  change: (part: Partial<Sku>) => void;
  error: (field: string) => string | undefined;
}) {
  const { brand } = useMe();
  return (
    <Stack gap="sm">
      <div className={classes.grid}>
        <Field label={t("SKU")} required error={error("sku")}>
          {(f) => (
            <TextInput
              {...f}
              maxLength={60}
              value={variant.sku}
              onChange={(e) => change({ sku: e.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={t("Costs you")} unit={draft.currency} required error={error("price")}>
          {(f) => (
            <TextInput
              {...f}
              inputMode="decimal"
              placeholder="19.90"
              maxLength={13}
              value={variant.price}
              onChange={(e) => change({ price: e.currentTarget.value.replace(",", ".") })}
            />
          )}
        </Field>
        <Field label={t("Number at the supplier")}>
          {(f) => (
            <TextInput
              {...f}
              maxLength={120}
              value={variant.external_id ?? ""}
              onChange={(e) => change({ external_id: e.currentTarget.value || null })}
            />
          )}
        </Field>
      </div>
      {draft.variants.length > 1 ? (
        <div className={classes.grid}>
          {brand.languages.map((spoken) => (
            <Field key={spoken} label={t("Called")} unit={spoken}>
              {(f) => (
                <TextInput
                  {...f}
                  maxLength={80}
                  placeholder={t("such as Large")}
                  value={variant.label[spoken as Language] ?? ""}
                  onChange={(e) => {
                    const label = { ...variant.label, [spoken]: e.currentTarget.value };
                    if (!e.currentTarget.value) delete label[spoken as Language];
                    change({ label });
                  }}
                />
              )}
            </Field>
          ))}
        </div>
      ) : null}
      <Group align="start" justify="space-between" gap="xl">
        <Stock variant={variant} known={known} change={change} {...(id ? { id } : {})} />
        <Price variant={variant} draft={draft} known={known} />
      </Group>
    </Stack>
  );
}

function Stock({
  variant,
  known,
  id,
  change,
}: {
  variant: Sku;
  known: StockedSku | undefined;
  id?: string;
  change: (part: Partial<Sku>) => void;
}) {
  const limited = variant.stock !== null;
  return (
    <Stack gap="xs">
      <Checkbox
        label={t("As many as are asked for")}
        checked={!limited}
        onChange={(e) => change({ stock: e.currentTarget.checked ? null : (known?.onHand ?? 0) })}
      />
      {limited && known && id && !known.unlimited ? (
        <Count id={id} sku={known} />
      ) : limited ? (
        <Field label={t("Pieces on hand")}>
          {(f) => (
            <NumberInput
              {...f}
              w={140}
              min={0}
              max={10_000_000}
              allowDecimal={false}
              value={variant.stock ?? 0}
              onChange={(value) => change({ stock: Number(value) || 0 })}
            />
          )}
        </Field>
      ) : null}
    </Stack>
  );
}

/** Counting is an act of its own: it counts at once, whatever else is being edited. */
function Count({ id, sku }: { id: string; sku: StockedSku }) {
  const brand = useBrand();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [pieces, setPieces] = useState<number | string>(sku.onHand);
  const count = useMutation({
    mutationFn: () =>
      call<Counted>("PUT", `/${brand}/catalogue/products/${id}/skus/${sku.id}/stock`, {
        body: { onHand: Number(pieces) || 0 },
      }),
    onSuccess: (told) => {
      setOpen(false);
      done(
        t("{sku}: {before} → {after} pieces", {
          sku: sku.sku,
          before: formatNumber(told.before),
          after: formatNumber(told.onHand),
        }),
      );
      void queries.invalidateQueries({ queryKey: productKey(brand, id) });
      void queries.invalidateQueries({ queryKey: listKey(brand) });
    },
  });
  return (
    <Group gap="sm">
      <Text size="sm">
        {tx("{n} on hand", {
          n: (
            <b>
              <Figure n={sku.onHand} />
            </b>
          ),
        })}
      </Text>
      <Popover opened={open} onChange={setOpen} trapFocus withinPortal>
        <Popover.Target>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              setPieces(sku.onHand);
              setOpen(!open);
            }}
          >
            {t("Count")}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <form
            onSubmit={(e) => {
              e.preventDefault();
              e.stopPropagation();
              count.mutate();
            }}
          >
            <Group align="end" gap="xs">
              <NumberInput
                label={t("Pieces on hand")}
                description={t("Counts at once.")}
                w={150}
                min={0}
                max={10_000_000}
                allowDecimal={false}
                value={pieces}
                onChange={setPieces}
                data-autofocus
              />
              <Button type="submit" loading={count.isPending}>
                {t("Set")}
              </Button>
            </Group>
          </form>
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}

const PRICE = /^\d{1,9}(\.\d{1,3})?$/;

/** What a member pays, worked out by the function that prices for members. */
function Price({
  variant,
  draft,
  known,
}: {
  variant: Sku;
  draft: Draft;
  known: StockedSku | undefined;
}) {
  const brand = useBrand();
  const [asked] = useDebouncedValue(
    { category: draft.category, currency: draft.currency, cost: variant.price },
    250,
  );
  const priced = useQuery({
    queryKey: ["catalogue-price", brand, asked],
    queryFn: ({ signal }) =>
      call<PriceSteps>("GET", `/${brand}/catalogue/price`, { query: asked, signal }),
    enabled: PRICE.test(asked.cost) && Number(asked.cost) > 0,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
  if (priced.error) {
    return (
      <Text size="sm" c="var(--danger)" maw={320} role="alert">
        {asProblem(priced.error).code === "no_rate"
          ? t("The programme has no exchange rate for {currency}: add one under Catalogue rules.", {
              currency: asked.currency,
            })
          : asProblem(priced.error).message}
      </Text>
    );
  }
  const steps = priced.data;
  if (!steps) {
    return (
      <Text size="sm" c="var(--muted)" maw={280}>
        {t("Write what it costs you, and the price for members appears here.")}
      </Text>
    );
  }
  const contract = known?.price?.contract;
  return (
    <dl className={classes.steps} aria-label={t("Price for members")} aria-live="polite">
      <dt>{t("Costs you")}</dt>
      <dd>
        <Money of={steps.cost} />
      </dd>
      {steps.rate !== "1" ? (
        <>
          <dt>{t("At the rate of {rate}", { rate: localised(steps.rate) })}</dt>
          <dd>
            <Money of={steps.converted} />
          </dd>
        </>
      ) : null}
      <dt>{t("Plus margin of {percent} %", { percent: localised(steps.marginPercent) })}</dt>
      <dd>
        <Money of={steps.value} />
      </dd>
      {steps.tiers.map((tier) => (
        <Row
          key={tier.tier ?? ""}
          title={
            tier.tier === null
              ? t("Times {factor}, for members", { factor: localised(steps.factor) })
              : t("For {tier}", { tier: tier.tier })
          }
          strong={tier.tier === null}
        >
          <Points n={tier.points} />
        </Row>
      ))}
      <dt>{t("Stays with you")}</dt>
      <dd>
        <Text
          component="span"
          size="sm"
          c={steps.marginMinor < 0 ? "var(--danger)" : "var(--positive)"}
        >
          <Money of={{ minor: steps.marginMinor, currency: steps.value.currency }} />
        </Text>
      </dd>
      {contract && known?.price ? (
        <>
          <dt>{t("By contract {key} you pay", { key: contract })}</dt>
          <dd>
            <Money of={known.price.cost} />
          </dd>
        </>
      ) : null}
    </dl>
  );
}

function Row({
  title,
  strong,
  children,
}: {
  title: string;
  strong: boolean;
  children: React.ReactNode;
}) {
  return (
    <>
      <dt>{title}</dt>
      <dd className={strong ? classes.total : undefined}>{children}</dd>
    </>
  );
}

/** A decimal of the server as the reader writes it. */
function localised(decimal: string): string {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: 9 }).format(Number(decimal));
}
