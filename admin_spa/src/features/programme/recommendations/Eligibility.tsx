/** For whom something is meant: rows that are joined, or the rule as text; the server says at every
 * pause whether it is one, and how many members it lets in. */

import {
  ActionIcon,
  Autocomplete,
  Button,
  Group,
  NumberInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  Textarea,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Plus, Trash2 } from "lucide-react";
import { startTransition, useEffect, useRef, useState } from "react";
import type { RuleTerm, RuleTried } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { useBasket } from "@/basket/useBasket";
import { mark, t, td, tn } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { Field } from "@/ui/Field";
import { putOrRevert } from "../form/Fields";
import { useForm } from "../form/section";
import classes from "./recommendations.module.css";
import { OPERATORS, type Row, type Rows, read, type TermType, written } from "./rule";

const PAUSE_MS = 400;
const TERMS: Record<string, string> = {
  tier: mark("Tier"),
  balance: mark("Balance"),
  member_days: mark("Days as a member"),
  earned_12m: mark("Points earned in 12 months"),
  redeemed_12m: mark("Points redeemed in 12 months"),
  language: mark("Language"),
  country: mark("Country"),
  tags: mark("Tags"),
  context: mark("Bought: what kind"),
  origin: mark("Bought: from"),
  destination: mark("Bought: to"),
  cabin: mark("Bought: cabin"),
  passengers: mark("Bought: people"),
  nights: mark("Bought: nights"),
  days_until: mark("Bought: days until it begins"),
  bought: mark("Bought: products"),
};
const WORDS: Record<string, string> = {
  "==": mark("is"),
  "!=": mark("is not"),
  ">=": mark("is at least"),
  "<=": mark("is at most"),
  ">": mark("is more than"),
  "<": mark("is less than"),
  has: mark("has"),
  has_not: mark("has not"),
  is: mark("is so"),
  not: mark("is not so"),
};

export function Eligibility({ path, open }: { path: string; open: boolean }) {
  const form = useForm();
  const basket = useBasket();
  const me = useMe();
  const kept = String(form.at(path) ?? "");
  const before = form.before(path);
  const [typed, setTyped] = useState(kept);
  const told = useRef(kept);
  // What another screen or an undo put there.
  useEffect(() => {
    if (kept !== told.current) {
      told.current = kept;
      setTyped(kept);
    }
  }, [kept]);
  const [rule] = useDebouncedValue(typed, PAUSE_MS);
  const brand = useBrand();
  const tried = useQuery({
    queryKey: ["rule", brand, rule],
    queryFn: ({ signal }) =>
      call<RuleTried>("POST", `/${brand}/recommendations/rule`, { body: { rule }, signal }),
    placeholderData: keepPreviousData,
    enabled: me.may("simulation:run"),
    staleTime: 60_000,
  });
  const fresh = !tried.isPlaceholderData && rule === typed;
  const fault = fresh ? tried.data?.fault : undefined;
  // Only a rule goes into the basket: what is no rule yet would spoil the whole draft.
  useEffect(() => {
    if (!fresh || !tried.data || tried.data.fault || rule === told.current) return;
    told.current = rule;
    startTransition(() => putOrRevert(basket, before, path, rule));
  }, [fresh, tried.data, rule, basket, before, path]);
  const terms = tried.data?.terms ?? [];
  const types = Object.fromEntries(terms.map((one) => [one.name, one.type as TermType]));
  const rows = terms.length ? read(typed, types) : null;
  const [asText, setAsText] = useState(false);
  const text = asText || rows === null;
  return (
    <Field
      label={t("For whom")}
      hint={t("Empty: everybody.")}
      path={path}
      before={before === undefined ? undefined : String(before) || t("everybody")}
      error={
        fault
          ? t("{why} It is not kept yet.", { why: fault.message })
          : tried.error
            ? t("It could not be tried, so it is not kept yet.")
            : null
      }
    >
      {(f) => (
        <Stack gap="xs" className={classes.rule ?? ""} data-rule={path}>
          {terms.length ? (
            <SegmentedControl
              size="xs"
              aria-label={t("How the rule is written")}
              value={text ? "text" : "rows"}
              onChange={(how) => setAsText(how === "text")}
              data={[
                { value: "rows", label: t("As rows"), disabled: rows === null },
                { value: "text", label: t("As text") },
              ]}
            />
          ) : null}
          {text ? (
            <Textarea
              {...f}
              value={typed}
              disabled={!open}
              autosize
              minRows={2}
              maxRows={10}
              maxLength={4000}
              maw={720}
              spellCheck={false}
              placeholder={'tier == "gold" && balance >= 1000'}
              onChange={(e) => setTyped(e.currentTarget.value)}
            />
          ) : (
            <RuleRows
              value={rows}
              terms={terms}
              id={f.id}
              disabled={!open}
              onChange={(next) => setTyped(written(next, types))}
            />
          )}
          <Text size="sm" c="var(--muted)" role="status">
            {fresh && tried.data && !tried.data.fault ? resultWords(tried.data) : ""}
          </Text>
        </Stack>
      )}
    </Field>
  );
}

function RuleRows({
  value,
  terms,
  id,
  disabled,
  onChange,
}: {
  value: Rows;
  terms: RuleTerm[];
  id: string;
  disabled: boolean;
  onChange: (next: Rows) => void;
}) {
  const put = (n: number, change: Partial<Row>) =>
    onChange({
      ...value,
      rows: value.rows.map((row, i) => (i === n ? { ...row, ...change } : row)),
    });
  const typeOf = (name: string) =>
    (terms.find((one) => one.name === name)?.type ?? "text") as TermType;
  const first = (name: string): Row => ({
    term: name,
    op: OPERATORS[typeOf(name)][0] ?? "==",
    value: typeOf(name) === "number" ? "0" : (terms.find((o) => o.name === name)?.values[0] ?? ""),
  });
  return (
    <Stack gap="xs" id={id} role="group" aria-label={t("For whom")}>
      {value.rows.length > 1 ? (
        <Select
          size="xs"
          w={220}
          aria-label={t("How rows are joined")}
          data={[
            { value: "all", label: t("All of these") },
            { value: "any", label: t("Any of these") },
          ]}
          value={value.join}
          onChange={(join) => onChange({ ...value, join: join === "any" ? "any" : "all" })}
          allowDeselect={false}
          disabled={disabled}
        />
      ) : null}
      {value.rows.map((row, n) => {
        const type = typeOf(row.term);
        const known = terms.find((one) => one.name === row.term)?.values ?? [];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name
          <Group key={n} gap="xs" wrap="wrap">
            <Select
              size="xs"
              w={210}
              aria-label={t("Fact of row {n}", { n: n + 1 })}
              data={terms.map((one) => ({
                value: one.name,
                label: td(TERMS[one.name] ?? one.name),
              }))}
              value={row.term}
              onChange={(term) => term && put(n, first(term))}
              allowDeselect={false}
              disabled={disabled}
              searchable
            />
            <Select
              size="xs"
              w={130}
              aria-label={t("Operator of row {n}", { n: n + 1 })}
              data={OPERATORS[type].map((op) => ({ value: op, label: td(WORDS[op] ?? op) }))}
              value={row.op}
              onChange={(op) => op && put(n, { op })}
              allowDeselect={false}
              disabled={disabled}
            />
            {type === "yes_no" ? null : type === "number" ? (
              <NumberInput
                size="xs"
                w={140}
                aria-label={t("Value of row {n}", { n: n + 1 })}
                value={Number(row.value)}
                onChange={(next) => put(n, { value: String(next === "" ? 0 : next) })}
                allowDecimal={false}
                disabled={disabled}
              />
            ) : (
              <Autocomplete
                size="xs"
                w={180}
                aria-label={t("Value of row {n}", { n: n + 1 })}
                data={known}
                value={row.value}
                onChange={(next) => put(n, { value: next })}
                disabled={disabled}
                maxLength={80}
              />
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("Take row {n} away", { n: n + 1 })}
              disabled={disabled}
              onClick={() => onChange({ ...value, rows: value.rows.filter((_, i) => i !== n) })}
            >
              <Trash2 size={16} />
            </ActionIcon>
          </Group>
        );
      })}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          disabled={disabled}
          onClick={() => onChange({ ...value, rows: [...value.rows, first("balance")] })}
        >
          {t("Add a condition")}
        </Button>
      </div>
    </Stack>
  );
}

function resultWords(told: RuleTried): string {
  const lets = tn(
    "Lets in {in} of {n} member who was drawn.",
    "Lets in {in} of {n} members who were drawn.",
    told.sampled,
    { in: formatNumber(told.letIn) },
  );
  return told.untold
    ? `${lets} ${t("Of {n} it cannot be told; they stay out.", { n: formatNumber(told.untold) })}`
    : lets;
}
