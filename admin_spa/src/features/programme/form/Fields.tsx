/** One field per kind of parameter; every one edits through the change basket. */

import {
  Checkbox,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Switch,
  TagsInput,
  Textarea,
  TextInput,
} from "@mantine/core";
import type { ReactNode } from "react";
import { useBasket } from "@/basket/useBasket";
import { language, t } from "@/i18n";
import { Field, type FieldBinding } from "@/ui/Field";
import { ColourField } from "./ColourField";
import { FileField } from "./FileField";
import { decimalMark, shown, thousandsMark } from "./numbers";
import { RiskBadge } from "./RiskBadge";
import { fault, kindOf, labelOf, type Node, shapeOf, titleOf } from "./schema";
import { useForm } from "./section";
import { useTyped } from "./useTyped";
import { areaWords } from "./words";

// Lines of this length can be read at a glance.
const WIDE = 560;
// Texts of a fixed list that the browser knows.
const KNOWN: Record<string, () => string[]> = {
  "programme.time_zone": () => ["UTC", ...Intl.supportedValuesOf("timeZone")],
  "programme.currency": () => Intl.supportedValuesOf("currency"),
};

export interface LeafProps {
  node: Node;
  path: string;
  /** Instead of the schema's title: in tables, where the column has one. */
  label?: ReactNode;
  hint?: ReactNode;
  /** In rows of the same fields: how risky they are stands there once, and when one is changed. */
  quiet?: boolean | undefined;
}

/** A field with a single value (a list of choices is one). */
export function Leaf({ node, path, label, hint, quiet }: LeafProps) {
  const form = useForm();
  const { shape } = shapeOf(node);
  const open = form.mayPropose(shape["x-area"]);
  const value = form.at(path);
  const before = form.before(path);
  const kind = kindOf(node);
  if (kind === "switch") return <SwitchLeaf {...{ node, path, label, hint, quiet }} />;
  return (
    <Typed node={node} path={path}>
      {({ wrong, control }) => (
        <Field
          label={<Label node={node} path={path} label={label} quiet={quiet} />}
          hint={hintOf(shape, hint, open)}
          path={path}
          before={before === undefined ? undefined : wordsOf(node, before, form.currency)}
          error={wrong}
          required={Boolean(shape.minLength)}
        >
          {(f) => <Control {...{ node, path, value, f, open, kind }} typed={control} />}
        </Field>
      )}
    </Typed>
  );
}

/** The field's name, and how far a change of it reaches. */
function Label({ node, path, label, quiet }: Omit<LeafProps, "hint">) {
  const basket = useBasket();
  const { shape } = shapeOf(node);
  const risk = shape["x-risk"];
  return (
    <>
      {label ?? titleOf(node, path)}{" "}
      {(risk === "high" && !quiet) || basket.isEdited(path) ? <RiskBadge risk={risk} /> : null}
    </>
  );
}

function hintOf(shape: Node, hint: ReactNode, open: boolean): ReactNode {
  const told = hint ?? shape.description;
  if (open) return told;
  return (
    <>
      {told}{" "}
      <em>
        {t("Only people who propose in {area} can change it.", {
          area: areaWords(shape["x-area"]),
        })}
      </em>
    </>
  );
}

interface TypedControl {
  text: string;
  type: (text: string) => void;
  leave: () => void;
}

/** What is typed and not yet a value lives here; only what meets the schema goes into the basket. */
function Typed({
  node,
  path,
  children,
}: {
  node: Node;
  path: string;
  children: (given: { wrong: string | undefined; control: TypedControl }) => ReactNode;
}) {
  const form = useForm();
  const basket = useBasket();
  const typed = useTyped({
    value: form.at(path),
    node,
    currency: form.currency,
    put: (value) => putOrRevert(basket, form.before(path), path, value),
  });
  return children({ wrong: typed.wrong, control: typed });
}

/** An edit that brings back what is in force is no edit. */
export function putOrRevert(
  basket: {
    addEdit: (p: string, v: unknown) => void;
    revert: (p: string) => void;
    isEdited: (p: string) => boolean;
  },
  before: unknown,
  path: string,
  value: unknown,
): void {
  if (basket.isEdited(path) && JSON.stringify(before) === JSON.stringify(value)) {
    basket.revert(path);
  } else basket.addEdit(path, value);
}

function Control({
  node,
  path,
  value,
  f,
  open,
  kind,
  typed,
}: {
  node: Node;
  path: string;
  value: unknown;
  f: FieldBinding;
  open: boolean;
  kind: ReturnType<typeof kindOf>;
  typed: TypedControl;
}) {
  const form = useForm();
  const basket = useBasket();
  const { shape, optional } = shapeOf(node);
  const put = (next: unknown) => putOrRevert(basket, form.before(path), path, next);
  const given = { ...f, disabled: !open, "data-path": path };
  const unit = kind === "money" ? form.currency : shape["x-unit"];
  const names = KNOWN[path];
  if (names) {
    return (
      <Select
        {...given}
        data={names()}
        value={String(value ?? "")}
        onChange={(next) => next && put(next)}
        allowDeselect={false}
        searchable
        limit={60}
        maw={WIDE}
      />
    );
  }
  switch (kind) {
    case "choice":
      return (
        <Select
          {...given}
          data={(shape.enum ?? []).map((one) => ({
            value: String(one),
            label: labelOf(shape, one),
          }))}
          value={value === null || value === undefined ? null : String(value)}
          onChange={(next) => put(next)}
          allowDeselect={false}
          clearable={optional}
          checkIconPosition="right"
          maw={WIDE}
        />
      );
    case "choices":
      return (shape.items?.enum?.length ?? 0) > 3 || shape.title === undefined ? (
        <Checkbox.Group
          value={(value as string[] | undefined) ?? []}
          onChange={(next) => {
            if (!fault(node, next)) put(kept(value, next));
          }}
          aria-labelledby={undefined}
        >
          <Stack gap={6} mt={4}>
            {(shape.items?.enum ?? []).map((one, i) => (
              <Checkbox
                key={String(one)}
                {...(i ? {} : { id: f.id })}
                value={String(one)}
                label={labelOf(shape, one)}
                disabled={!open}
              />
            ))}
          </Stack>
        </Checkbox.Group>
      ) : (
        <MultiSelect
          {...given}
          data={(shape.items?.enum ?? []).map((one) => ({
            value: String(one),
            label: labelOf(shape, one),
          }))}
          value={(value as string[] | undefined) ?? []}
          onChange={(next) => {
            if (!fault(node, next)) put(next);
          }}
          maw={WIDE}
        />
      );
    case "words":
      return (
        <TagsInput
          {...given}
          value={(value as string[] | undefined) ?? []}
          onChange={put}
          splitChars={[",", " "]}
          clearable
          maw={WIDE}
        />
      );
    case "whole":
      return (
        <NumberInput
          {...given}
          value={
            typed.text === ""
              ? ""
              : Number.isNaN(Number(typed.text))
                ? typed.text
                : Number(typed.text)
          }
          onChange={(next) => typed.type(String(next))}
          onBlur={typed.leave}
          allowDecimal={false}
          thousandSeparator={thousandsMark(language())}
          decimalSeparator={decimalMark(language())}
          clampBehavior="none"
          inputMode="numeric"
          maw={260}
          {...(unit
            ? { rightSection: <Unit>{unit}</Unit>, rightSectionWidth: unitWidth(unit) }
            : {})}
        />
      );
    case "decimal":
    case "money":
      return (
        <TextInput
          {...given}
          value={typed.text}
          onChange={(e) => typed.type(e.currentTarget.value)}
          onBlur={typed.leave}
          inputMode="decimal"
          maw={260}
          {...(unit
            ? { rightSection: <Unit>{unit}</Unit>, rightSectionWidth: unitWidth(unit) }
            : {})}
        />
      );
    case "colour":
      return <ColourField f={f} path={path} typed={typed} disabled={!open} />;
    case "file":
      return <FileField f={f} path={path} value={String(value ?? "")} disabled={!open} put={put} />;
    case "day":
      return (
        <TextInput
          {...given}
          type="date"
          value={typed.text}
          onChange={(e) => typed.type(e.currentTarget.value)}
          onBlur={typed.leave}
          maw={260}
        />
      );
    case "long":
      return (
        <Textarea
          {...given}
          value={typed.text}
          onChange={(e) => typed.type(e.currentTarget.value)}
          onBlur={typed.leave}
          autosize
          minRows={2}
          maxRows={14}
          maw={720}
        />
      );
    default:
      return (
        <TextInput
          {...given}
          value={typed.text}
          onChange={(e) => typed.type(e.currentTarget.value)}
          onBlur={typed.leave}
          maw={shape.maxLength && shape.maxLength <= 40 ? 320 : WIDE}
        />
      );
  }
}

/** A choice of many keeps the order that it had; what is new comes last. */
function kept(before: unknown, next: string[]): string[] {
  const old = Array.isArray(before) ? (before as string[]) : [];
  return [...old.filter((one) => next.includes(one)), ...next.filter((one) => !old.includes(one))];
}

function SwitchLeaf({ node, path, label, hint, quiet }: LeafProps) {
  const form = useForm();
  const basket = useBasket();
  const { shape } = shapeOf(node);
  const open = form.mayPropose(shape["x-area"]);
  const before = form.before(path);
  return (
    <Field
      label={<Label node={node} path={path} label={label} quiet={quiet} />}
      hint={hintOf(shape, hint, open)}
      path={path}
      before={before === undefined ? undefined : wordsOf(node, before, form.currency)}
    >
      {(f) => (
        <Group>
          <Switch
            id={f.id}
            aria-describedby={f["aria-describedby"]}
            data-path={path}
            checked={form.at(path) === true}
            disabled={!open}
            onChange={(e) => putOrRevert(basket, before, path, e.currentTarget.checked)}
          />
        </Group>
      )}
    </Field>
  );
}

function Unit({ children }: { children: ReactNode }) {
  return (
    <span aria-hidden style={{ color: "var(--muted)", fontSize: 12, whiteSpace: "nowrap" }}>
      {children}
    </span>
  );
}

function unitWidth(unit: string): number {
  return Math.max(32, unit.length * 7 + 18);
}

/** A value in words, for "in force: …". */
export function wordsOf(node: Node, value: unknown, currency: string): string {
  const kind = kindOf(node);
  if (value === null || value === undefined || value === "") return t("nothing");
  if (kind === "switch") return value ? t("on") : t("off");
  if (kind === "choice") return labelOf(node, value);
  if (kind === "file") return t("another picture");
  if (Array.isArray(value)) {
    return value.length ? value.map((one) => labelOf(node, one)).join(", ") : t("nothing");
  }
  const { shape } = shapeOf(node);
  const text = shown(kind, value, currency);
  return shape["x-unit"] && kind !== "money" ? `${text} ${shape["x-unit"]}` : text;
}
