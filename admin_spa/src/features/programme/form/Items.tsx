/** A list of things told apart by a key: open one to edit it, add, take away, move. */

import {
  ActionIcon,
  Badge,
  Button,
  Collapse,
  Group,
  Stack,
  Text,
  TextInput,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, Plus, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useBasket } from "@/basket/useBasket";
import { language, t } from "@/i18n";
import { Findings } from "./Findings";
import classes from "./form.module.css";
import { Fields, isIn, type NodeProps, takeAway } from "./Node";
import { itemAt, orderOf } from "./paths";
import { blank, fault, keyOf, type Node, shapeOf, titleOf } from "./schema";
import { type SectionForm, useForm } from "./section";

type Item = Record<string, unknown>;

export function Items({ node, path, label }: NodeProps) {
  const form = useForm();
  const basket = useBasket();
  const { shape } = shapeOf(node);
  const inner = shape.items ?? {};
  const key = keyOf(inner);
  const items = (form.at(path) ?? []) as Item[];
  const open = form.mayPropose(shape["x-area"]);
  const [shown, show] = useState<string | null>(null);
  if (!key) return null;
  const keys = items.map((one) => String(one[key.field]));
  const move = (from: number, to: number) => {
    const next = [...keys];
    const [moved] = next.splice(from, 1);
    if (moved !== undefined) next.splice(to, 0, moved);
    basket.addEdit(orderOf(path), next);
  };
  return (
    <div>
      {label !== null ? (
        <>
          <Text size="sm" fw={600} component="div">
            {label ?? titleOf(node, path)}
          </Text>
          {shape.description ? (
            <Text size="xs" c="var(--muted)">
              {shape.description}
            </Text>
          ) : null}
        </>
      ) : null}
      <Findings path={path} />
      <Stack gap={8} mt={8}>
        {items.length === 0 ? (
          <Text size="sm" c="var(--muted)">
            {t("There is none yet.")}
          </Text>
        ) : null}
        {items.map((one, i) => {
          const id = keys[i] ?? "";
          const at = itemAt(path, id);
          const name = nameOf(one, form) || id;
          return (
            <div
              key={id}
              className={classes.item}
              data-changed={basket.edits.some((e) => isIn(e.path, at)) || undefined}
            >
              <div className={classes.itemHead}>
                <UnstyledButton
                  className={classes.itemName}
                  aria-expanded={shown === id}
                  onClick={() => show(shown === id ? null : id)}
                >
                  <Group gap={6} wrap="nowrap">
                    {shown === id ? (
                      <ChevronDown size={16} aria-hidden />
                    ) : (
                      <ChevronRight size={16} aria-hidden />
                    )}
                    <span>
                      {name}{" "}
                      {name !== id ? (
                        <span className={classes.itemKey} translate="no">
                          {id}
                        </span>
                      ) : null}
                    </span>
                    <ItemState path={at} one={one} />
                  </Group>
                </UnstyledButton>
                {open ? (
                  <Group gap={2} wrap="nowrap">
                    <Act
                      label={t("Move {name} up", { name })}
                      icon={<ArrowUp size={16} />}
                      off={i === 0}
                      act={() => move(i, i - 1)}
                    />
                    <Act
                      label={t("Move {name} down", { name })}
                      icon={<ArrowDown size={16} />}
                      off={i === items.length - 1}
                      act={() => move(i, i + 1)}
                    />
                    <Act
                      label={t("Take {name} away", { name })}
                      icon={<Trash2 size={16} />}
                      act={() => takeAway(form.before(at), basket, at)}
                    />
                  </Group>
                ) : null}
              </div>
              <Collapse expanded={shown === id}>
                {shown === id ? (
                  <div className={classes.itemBody}>
                    <Findings path={at} />
                    <Fields node={inner} path={at} except={[key.field]} />
                  </div>
                ) : null}
              </Collapse>
            </div>
          );
        })}
        {open ? (
          <AddItem
            shape={shape}
            inner={inner}
            keys={keys}
            onAdd={(id) => {
              basket.addEdit(itemAt(path, id), { ...(blank(inner) as Item), [key.field]: id });
              show(id);
            }}
          />
        ) : null}
      </Stack>
    </div>
  );
}

export function Act({
  label,
  icon,
  act,
  off = false,
}: {
  label: string;
  icon: ReactNode;
  act: () => void;
  off?: boolean;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        className={classes.act}
        aria-label={label}
        onClick={act}
        disabled={off}
      >
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}

function ItemState({ path, one }: { path: string; one: Item }) {
  const form = useForm();
  const basket = useBasket();
  const isNew = form.before(path) === undefined;
  const wrong = basket.changeSet?.findings.some((f) => isIn(f.path, path));
  return (
    <>
      {one.enabled === false ? (
        <Badge size="xs" variant="default">
          {t("Off")}
        </Badge>
      ) : null}
      {isNew ? (
        <Badge size="xs" variant="light">
          {t("New")}
        </Badge>
      ) : null}
      {wrong ? (
        <Badge size="xs" variant="light" color="red">
          {t("Look here")}
        </Badge>
      ) : null}
    </>
  );
}

/** What an item is called: its name in the reader's language, else in any. */
export function nameOf(one: Item, form: Pick<SectionForm, "languages">): string {
  for (const field of ["name", "title", "url"]) {
    const told = one[field];
    if (typeof told === "string" && told) return told;
    if (told && typeof told === "object") {
      const names = told as Record<string, string>;
      const found = names[language()] || form.languages.map((l) => names[l]).find(Boolean);
      if (found) return found;
    }
  }
  return "";
}

export function AddItem({
  shape,
  inner,
  keys,
  onAdd,
}: {
  shape: Node;
  inner: Node;
  keys: string[];
  onAdd: (key: string) => void;
}) {
  const [name, setName] = useState("");
  const [wrong, setWrong] = useState<string>();
  const key = keyOf(inner);
  const full = shape.maxItems !== undefined && keys.length >= shape.maxItems;
  const add = () => {
    const wanted = name.trim();
    const reason = keys.includes(wanted)
      ? t("{name} is there already.", { name: wanted })
      : fault({ minLength: 1, ...key?.node }, wanted);
    setWrong(reason ?? undefined);
    if (reason) return;
    onAdd(wanted);
    setName("");
  };
  if (full) {
    return (
      <Text size="sm" c="var(--muted)">
        {t("There can be at most {n}.", { n: shape.maxItems ?? 0 })}
      </Text>
    );
  }
  return (
    <Group gap="xs" align="flex-start">
      <TextInput
        value={name}
        onChange={(e) => setName(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Enter") {
            e.preventDefault();
            add();
          }
        }}
        placeholder={t("Key of the new one")}
        aria-label={t("Key of the new one in {title}", { title: shape.title ?? "" })}
        error={wrong}
        maw={220}
      />
      <Button variant="default" leftSection={<Plus size={14} aria-hidden />} onClick={add}>
        {t("Add")}
      </Button>
    </Group>
  );
}
