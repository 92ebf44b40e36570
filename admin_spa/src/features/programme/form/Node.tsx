/** The form of any parameter, drawn from its schema: the leaves, and what holds them. */

import {
  ActionIcon,
  Button,
  Group,
  Select,
  Stack,
  Switch,
  Tabs,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { useBasket } from "@/basket/useBasket";
import { languageName, t } from "@/i18n";
import { Eligibility } from "../recommendations/Eligibility";
import { Leaf, putOrRevert } from "./Fields";
import { Findings } from "./Findings";
import classes from "./form.module.css";
import { Items } from "./Items";
import { below } from "./paths";
import { blank, fault, kindOf, type Node, shapeOf, titleOf } from "./schema";
import { useForm } from "./section";

export interface NodeProps {
  node: Node;
  path: string;
  label?: ReactNode;
  /** The names of entries that can be added, where they are known (tiers, currencies). */
  names?: { value: string; label: string }[];
}

export function NodeField({ node, path, label, names }: NodeProps) {
  const form = useForm();
  if (/^recommendations\..*\.eligibility$/.test(path)) {
    return <Eligibility path={path} open={form.mayPropose(shapeOf(node).shape["x-area"])} />;
  }
  switch (kindOf(node)) {
    case "struct":
      return <Struct {...{ node, path, label }} />;
    case "languages":
      return <Languages {...{ node, path, label }} />;
    case "entries":
      return <Entries {...{ node, path, label, names }} />;
    case "items":
      return <Items {...{ node, path, label }} />;
    default:
      return <Leaf {...{ node, path, label }} />;
  }
}

/** The fields of a struct, one below the other; numbers side by side. */
export function Fields({
  node,
  path,
  only,
  except = [],
  names = {},
}: {
  node: Node;
  path: string;
  only?: string[];
  except?: string[];
  names?: Record<string, NonNullable<NodeProps["names"]>>;
}) {
  const properties = shapeOf(node).shape.properties ?? {};
  const form = useForm();
  const shown = (only ?? Object.keys(properties)).filter(
    (n) => n in properties && !except.includes(n) && !form.hides(below(path, n)),
  );
  return (
    <div className={classes.fields}>
      {rows(shown, properties).map((row) => (
        <div key={row.join()} className={row.length > 1 ? classes.pair : undefined}>
          {row.map((name) => (
            <NodeField
              key={name}
              node={properties[name] ?? {}}
              path={below(path, name)}
              {...(names[name] ? { names: names[name] } : {})}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

const SHORT = new Set(["whole", "decimal", "money", "day"]);

/** Numbers that follow each other stand side by side. */
function rows(names: string[], properties: Record<string, Node>): string[][] {
  const made: string[][] = [];
  let numbers: string[] | null = null;
  for (const name of names) {
    if (!SHORT.has(kindOf(properties[name] ?? {}))) numbers = null;
    else if (numbers) {
      numbers.push(name);
      continue;
    } else numbers = [];
    const row = numbers ?? [];
    row.push(name);
    made.push(row);
  }
  return made;
}

function Struct({ node, path, label }: NodeProps) {
  const form = useForm();
  const basket = useBasket();
  const { shape, optional } = shapeOf(node);
  const id = useId();
  const there = form.at(path) !== null && form.at(path) !== undefined;
  const open = form.mayPropose(shape["x-area"]);
  return (
    <fieldset className={classes.struct}>
      <legend className={classes.legend}>{label ?? titleOf(node, path)}</legend>
      {shape.description ? (
        <Text size="sm" c="var(--muted)" mb="sm">
          {shape.description}
        </Text>
      ) : null}
      <Findings path={path} />
      {optional ? (
        <Switch
          id={id}
          label={t("Used")}
          checked={there}
          disabled={!open}
          mb={there ? "md" : 0}
          onChange={(e) => {
            const { anyOf: _, default: __, ...plain } = node;
            const inner = { ...shape, ...plain };
            delete inner.default;
            putOrRevert(
              basket,
              form.before(path),
              path,
              e.currentTarget.checked ? blank(inner) : null,
            );
          }}
        />
      ) : null}
      {there || !optional ? <Fields node={shape} path={path} /> : null}
    </fieldset>
  );
}

/** A text (or texts) per language of the programme, one tab each. */
export function Languages({ node, path, label }: NodeProps) {
  const form = useForm();
  const basket = useBasket();
  const { shape } = shapeOf(node);
  const [shown, show] = useState<string | null>(form.languages[0] ?? "en");
  const inner = typeof shape.additionalProperties === "object" ? shape.additionalProperties : {};
  const value = (form.at(path) ?? {}) as Record<string, unknown>;
  // A language that was taken out of the programme keeps its words until they are deleted.
  const languages = [...new Set([...form.languages, ...Object.keys(value)])];
  const struct = kindOf(inner) === "struct";
  return (
    <div>
      <Text size="sm" fw={500} component="div" mb={2}>
        {label ?? titleOf(node, path)}
      </Text>
      {shape.description && !struct ? (
        <Text size="xs" c="var(--muted)" mb={4}>
          {shape.description}
        </Text>
      ) : null}
      <Findings path={path} />
      <Tabs value={shown} onChange={show} variant="default" keepMounted={false}>
        <Tabs.List aria-label={typeof label === "string" ? label : shape.title}>
          {languages.map((language) => (
            <Tabs.Tab
              key={language}
              value={language}
              className={
                basket.edits.some((e) => isIn(e.path, below(path, language)))
                  ? classes.changedDot
                  : undefined
              }
            >
              {languageName(language)}
              {value[language] === undefined || value[language] === "" ? (
                <Text span c="var(--muted)" size="xs">
                  {" "}
                  {t("(empty)")}
                </Text>
              ) : null}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {languages.map((language) => (
          <Tabs.Panel key={language} value={language} pt="sm">
            {struct ? (
              <PerLanguageStruct node={inner} path={below(path, language)} />
            ) : (
              <Leaf
                node={{
                  ...long(shape, inner),
                  title: `${shape.title ?? ""} (${languageName(language)})`,
                }}
                path={below(path, language)}
              />
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  );
}

/** Texts without a bound can be long, those of a name cannot. */
function long(of: Node, inner: Node): Node {
  if (inner.maxLength !== undefined) return inner;
  return /name|title|tagline/i.test(of.title ?? "") ? inner : { ...inner, maxLength: 20_000 };
}

function PerLanguageStruct({ node, path }: { node: Node; path: string }) {
  const form = useForm();
  const basket = useBasket();
  const open = form.mayPropose(node["x-area"]);
  if (form.at(path) === undefined) {
    return (
      <Button
        size="xs"
        variant="default"
        disabled={!open}
        leftSection={<Plus size={14} aria-hidden />}
        onClick={() => basket.addEdit(path, blank(node))}
      >
        {t("Add this language")}
      </Button>
    );
  }
  return <Fields node={node} path={path} />;
}

/** A dictionary: a name and a value each. */
function Entries({ node, path, label, names }: NodeProps) {
  const form = useForm();
  const basket = useBasket();
  const { shape } = shapeOf(node);
  const inner = typeof shape.additionalProperties === "object" ? shape.additionalProperties : {};
  const value = (form.at(path) ?? {}) as Record<string, unknown>;
  const open = form.mayPropose(shape["x-area"]);
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState<string>();
  const add = (wanted: string) => {
    const reason =
      wanted in value
        ? t("{name} is there already.", { name: wanted })
        : shape.propertyNames
          ? fault({ type: "string", minLength: 1, ...shape.propertyNames }, wanted)
          : fault({ type: "string", minLength: 1 }, wanted);
    setWrong(reason ?? undefined);
    if (reason) return;
    basket.addEdit(below(path, wanted), blank(inner));
    setName("");
  };
  const left = names?.filter((one) => !(one.value in value));
  return (
    <div>
      <Text size="sm" fw={500} component="div">
        {label ?? titleOf(node, path)}
      </Text>
      {shape.description ? (
        <Text size="xs" c="var(--muted)" mb={6}>
          {shape.description}
        </Text>
      ) : null}
      <Findings path={path} />
      <Stack gap="sm" mt={4}>
        {Object.keys(value).map((key) => (
          <Group key={key} gap="xs" align="flex-end" wrap="nowrap" maw={320}>
            <div style={{ flex: 1, minWidth: 0 }}>
              <Leaf
                node={{ ...inner, ...(shape["x-unit"] ? { "x-unit": shape["x-unit"] } : {}) }}
                path={below(path, key)}
                label={names?.find((one) => one.value === key)?.label ?? key}
              />
            </div>
            {open ? (
              <Tooltip label={t("Take {name} away", { name: key })}>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={t("Take {name} away", { name: key })}
                  onClick={() => takeAway(form.before(below(path, key)), basket, below(path, key))}
                >
                  <Trash2 size={16} />
                </ActionIcon>
              </Tooltip>
            ) : null}
          </Group>
        ))}
        {open && names && left?.length ? (
          <Select
            data={left}
            value={null}
            onChange={(next) => next && add(next)}
            placeholder={t("Add …")}
            aria-label={t("Add to {title}", { title: shape.title ?? "" })}
            maw={260}
          />
        ) : null}
        {open && !names ? (
          <Group gap="xs" align="flex-start">
            <TextInput
              value={name}
              onChange={(e) => setName(e.currentTarget.value)}
              onKeyDown={(e) => {
                if (e.key === "Enter") add(name.trim());
              }}
              error={wrong}
              placeholder={t("Name")}
              aria-label={t("Add to {title}", { title: shape.title ?? "" })}
              maw={160}
            />
            <Button
              variant="default"
              leftSection={<Plus size={14} aria-hidden />}
              onClick={() => add(name.trim())}
            >
              {t("Add")}
            </Button>
          </Group>
        ) : null}
      </Stack>
    </div>
  );
}

/** What the draft alone has is dropped; what is in force is removed. */
export function takeAway(
  before: unknown,
  basket: { revert: (p: string) => void; removeAt: (p: string) => void },
  path: string,
): void {
  if (before === undefined) basket.revert(path);
  else basket.removeAt(path);
}

export function isIn(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}
