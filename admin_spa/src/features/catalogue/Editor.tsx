import {
  Autocomplete,
  Badge,
  Fieldset,
  NumberInput,
  Select,
  Stack,
  Tabs,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useState } from "react";
import { useMe } from "@/app/me";
import { languageName, t } from "@/i18n";
import type { ProblemError } from "@/lib/problem";
import { Field } from "@/ui/Field";
import { type StockedSku, useOptions } from "./api";
import classes from "./Catalogue.module.css";
import { Pictures } from "./Pictures";
import type { Delivery, Draft, Language, Texts } from "./product";
import { Skus } from "./Skus";
import { deliveryWords, shelfName } from "./words";

interface Props {
  /** Absent while the product is not made. */
  id?: string;
  draft: Draft;
  change: (draft: Draft) => void;
  skus: StockedSku[];
  problem: ProblemError | null;
  /** Nothing can be changed. */
  reads?: boolean;
  fresh?: boolean;
}

/** Everything that is told of a product, by part. */
export function Editor({ id, draft, change, skus, problem, reads = false, fresh = false }: Props) {
  const [tab, setTab] = useState<string | null>("texts");
  const set = <K extends keyof Draft>(field: K, value: Draft[K]) =>
    change({ ...draft, [field]: value });
  return (
    <Tabs value={tab} onChange={setTab} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="texts">{t("Texts")}</Tabs.Tab>
        <Tabs.Tab value="skus">{t("Variants, stock and price")}</Tabs.Tab>
        <Tabs.Tab
          value="pictures"
          rightSection={
            draft.pictures.length ? (
              <Badge size="xs" variant="light" color="gray">
                {draft.pictures.length}
              </Badge>
            ) : null
          }
        >
          {t("Pictures")}
        </Tabs.Tab>
        <Tabs.Tab value="offer">{t("Delivery and shelf")}</Tabs.Tab>
      </Tabs.List>
      <Fieldset variant="unstyled" disabled={reads}>
        <Tabs.Panel value="texts">
          <TextsPart draft={draft} set={set} problem={problem} fresh={fresh} />
        </Tabs.Panel>
        <Tabs.Panel value="skus">
          <Skus
            {...(id ? { id } : {})}
            draft={draft}
            set={(variants) => set("variants", variants)}
            skus={skus}
            problem={problem}
          />
        </Tabs.Panel>
        <Tabs.Panel value="pictures">
          <Pictures draft={draft} set={(pictures) => set("pictures", pictures)} reads={reads} />
        </Tabs.Panel>
        <Tabs.Panel value="offer">
          <OfferPart draft={draft} change={change} set={set} problem={problem} />
        </Tabs.Panel>
      </Fieldset>
    </Tabs>
  );
}

type Set = <K extends keyof Draft>(field: K, value: Draft[K]) => void;

function TextsPart({
  draft,
  set,
  problem,
  fresh,
}: {
  draft: Draft;
  set: Set;
  problem: ProblemError | null;
  fresh: boolean;
}) {
  const { brand } = useMe();
  const [spoken, speak] = useState<string | null>(brand.languages[0] ?? "en");
  const of = (language: string): Texts =>
    draft.texts[language as Language] ?? { name: "", summary: "", description: "" };
  const write = (language: string, part: Partial<Texts>) =>
    set("texts", { ...draft.texts, [language]: { ...of(language), ...part } });
  const first = brand.languages[0] ?? "en";
  return (
    <Stack>
      <Tabs value={spoken} onChange={speak} variant="pills">
        <Tabs.List mb="sm" aria-label={t("Language")}>
          {brand.languages.map((language) => (
            <Tabs.Tab key={language} value={language}>
              {languageName(language)}
              {of(language).name ? "" : ` · ${t("missing")}`}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {brand.languages.map((language) => (
          <Tabs.Panel key={language} value={language}>
            <Stack gap="sm">
              <Field
                label={t("Name")}
                required={language === first}
                error={
                  problem?.at("product.texts") ?? problem?.at(`product.texts.${language}.name`)
                }
                {...(language === first
                  ? {}
                  : {
                      hint: t("Without one, members see the name in {language}.", {
                        language: languageName(first),
                      }),
                    })}
              >
                {(f) => (
                  <TextInput
                    {...f}
                    maxLength={120}
                    value={of(language).name}
                    onChange={(e) => write(language, { name: e.currentTarget.value })}
                  />
                )}
              </Field>
              <Field label={t("Summary")} hint={t("One sentence, shown in lists.")}>
                {(f) => (
                  <TextInput
                    {...f}
                    maxLength={300}
                    value={of(language).summary}
                    onChange={(e) => write(language, { summary: e.currentTarget.value })}
                  />
                )}
              </Field>
              <Field label={t("Description")}>
                {(f) => (
                  <Textarea
                    {...f}
                    autosize
                    minRows={5}
                    maxRows={14}
                    maxLength={8000}
                    value={of(language).description}
                    onChange={(e) => write(language, { description: e.currentTarget.value })}
                  />
                )}
              </Field>
            </Stack>
          </Tabs.Panel>
        ))}
      </Tabs>
      <Field
        label={t("Address")}
        hint={
          fresh
            ? t("Stands in the link to the product; it cannot be changed later.")
            : t("Stands in the link to the product.")
        }
        error={problem?.at("product.slug")}
      >
        {(f) => (
          <TextInput
            {...f}
            disabled={!fresh}
            maxLength={80}
            value={draft.slug}
            onChange={(e) => set("slug", e.currentTarget.value)}
          />
        )}
      </Field>
    </Stack>
  );
}

function OfferPart({
  draft,
  change,
  set,
  problem,
}: {
  draft: Draft;
  change: (draft: Draft) => void;
  set: Set;
  problem: ProblemError | null;
}) {
  const options = useOptions();
  const shelves = options.data?.categories ?? [];
  const days = (at: 0 | 1, value: number) => {
    const next: [number, number] = [...draft.delivery_days];
    next[at] = value;
    set("delivery_days", next);
  };
  return (
    <Stack>
      <div className={classes.grid}>
        <Field label={t("Category")} error={problem?.at("category")}>
          {(f) => (
            <Select
              {...f}
              allowDeselect={false}
              value={draft.category}
              onChange={(value) => value && set("category", value)}
              data={shelves.map((c) => ({
                value: c.key,
                label: `${shelfName(c)} (+${c.marginPercent} %)`,
              }))}
            />
          )}
        </Field>
        <Field label={t("Supplier")}>
          {(f) => (
            <Autocomplete
              {...f}
              value={draft.supplier}
              maxLength={40}
              onChange={(value) => set("supplier", value)}
              data={options.data?.suppliers ?? []}
            />
          )}
        </Field>
        <Field label={t("Currency of the supplier")} error={problem?.at("currency")}>
          {(f) => (
            <Select
              {...f}
              allowDeselect={false}
              value={draft.currency}
              onChange={(value) => value && set("currency", value)}
              data={[...new Set([draft.currency, ...(options.data?.currencies ?? [])])]}
            />
          )}
        </Field>
      </div>
      <div className={classes.narrow}>
        <Field label={t("Delivery")}>
          {(f) => (
            <Select
              {...f}
              allowDeselect={false}
              value={draft.delivery}
              onChange={(value) => change({ ...draft, delivery: (value ?? "parcel") as Delivery })}
              data={(["parcel", "counter", "digital"] as const).map((value) => ({
                value,
                label: deliveryWords(value),
              }))}
            />
          )}
        </Field>
        <Days
          label={t("Earliest after")}
          value={draft.delivery_days[0]}
          onChange={(v) => days(0, v)}
          error={problem?.at("deliveryDays")}
        />
        <Days
          label={t("Latest after")}
          value={draft.delivery_days[1]}
          onChange={(v) => days(1, v)}
        />
        <Days
          label={t("Can be returned for")}
          value={draft.return_days}
          onChange={(v) => set("return_days", v)}
        />
      </div>
      <Field
        label={t("Rank in the list")}
        hint={t("Products with a higher number come first; 0 is nothing special.")}
      >
        {(f) => (
          <NumberInput
            {...f}
            w={160}
            min={0}
            max={1_000_000}
            allowDecimal={false}
            value={draft.featured}
            onChange={(value) => set("featured", Number(value) || 0)}
          />
        )}
      </Field>
    </Stack>
  );
}

function Days({
  label,
  value,
  onChange,
  error,
}: {
  label: string;
  value: number;
  onChange: (value: number) => void;
  error?: string | undefined;
}) {
  return (
    <Field label={label} unit={t("days")} error={error}>
      {(f) => (
        <NumberInput
          {...f}
          min={0}
          max={365}
          allowDecimal={false}
          value={value}
          onChange={(next) => onChange(Number(next) || 0)}
        />
      )}
    </Field>
  );
}
