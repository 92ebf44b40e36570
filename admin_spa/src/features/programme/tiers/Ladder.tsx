/** Tiers as rows: colour, name, threshold, multiplier; all with the keyboard. */

import { Badge, Stack, Text } from "@mantine/core";
import { ArrowDown, ArrowUp, Languages as LanguagesIcon, Trash2 } from "lucide-react";
import { useState } from "react";
import { useBasket } from "@/basket/useBasket";
import { t } from "@/i18n";
import { Leaf } from "../form/Fields";
import { Findings } from "../form/Findings";
import { Act, AddItem, nameOf } from "../form/Items";
import { Fields, isIn, Languages, takeAway } from "../form/Node";
import { below, itemAt, orderOf } from "../form/paths";
import { blank, type Node } from "../form/schema";
import { useForm } from "../form/section";
import { nextThreshold, painted } from "./picture";
import classes from "./tiers.module.css";

type Tier = Record<string, unknown> & { key: string; threshold: number };
const PATH = "tiers.tiers";
const SHOWN = ["key", "name", "threshold", "earn_multiplier", "colour"];

export function Ladder() {
  const form = useForm();
  const basket = useBasket();
  const list: Node = form.schema.properties?.tiers ?? {};
  const inner: Node = list.items ?? {};
  const fields = inner.properties ?? {};
  const tiers = (form.at(PATH) ?? []) as Tier[];
  const open = form.mayPropose(list["x-area"]);
  const [named, setNamed] = useState<string | null>(null);
  const keys = tiers.map((one) => one.key);
  const more = Object.keys(fields).filter((f) => !SHOWN.includes(f));
  const move = (from: number, to: number) => {
    const next = [...keys];
    const [moved] = next.splice(from, 1);
    if (moved !== undefined) next.splice(to, 0, moved);
    basket.addEdit(orderOf(PATH), next);
  };
  return (
    <Stack gap="sm">
      <Findings path={PATH} />
      {tiers.length === 0 ? (
        <Text size="sm" c="var(--muted)">
          {t("No tiers: everybody earns the same. Add a first one to begin a ladder.")}
        </Text>
      ) : null}
      {tiers.map((tier, i) => {
        const at = itemAt(PATH, tier.key);
        const name = nameOf(tier, form) || tier.key;
        return (
          <section
            key={tier.key}
            className={classes.tier}
            aria-label={name}
            data-changed={basket.edits.some((e) => isIn(e.path, at)) || undefined}
          >
            <div className={classes.head}>
              <span className={classes.dot} ref={painted(String(tier.colour ?? "#888888"))} />
              <span className={classes.name}>{name}</span>
              <span className={classes.key}>{tier.key}</span>
              {form.before(at) === undefined ? (
                <Badge size="xs" variant="light">
                  {t("New")}
                </Badge>
              ) : null}
              {open ? (
                <span className={classes.acts}>
                  <Act
                    label={t("Name and colour of {name}", { name })}
                    icon={<LanguagesIcon size={16} />}
                    act={() => setNamed(named === tier.key ? null : tier.key)}
                  />
                  <Act
                    label={t("Move {name} up", { name })}
                    icon={<ArrowUp size={16} />}
                    off={i === 0}
                    act={() => move(i, i - 1)}
                  />
                  <Act
                    label={t("Move {name} down", { name })}
                    icon={<ArrowDown size={16} />}
                    off={i === tiers.length - 1}
                    act={() => move(i, i + 1)}
                  />
                  <Act
                    label={t("Take {name} away", { name })}
                    icon={<Trash2 size={16} />}
                    act={() => takeAway(form.before(at), basket, at)}
                  />
                </span>
              ) : null}
            </div>
            <Findings path={at} />
            <div className={classes.numbers}>
              <Leaf node={fields.threshold ?? {}} path={below(at, "threshold")} quiet={i > 0} />
              <Leaf
                node={fields.earn_multiplier ?? {}}
                path={below(at, "earn_multiplier")}
                quiet={i > 0}
              />
            </div>
            {named === tier.key ? (
              <div className={classes.named}>
                <Languages node={fields.name ?? {}} path={below(at, "name")} />
                <Leaf node={fields.colour ?? {}} path={below(at, "colour")} />
                {more.length ? <Fields node={inner} path={at} only={more} /> : null}
              </div>
            ) : null}
          </section>
        );
      })}
      {open ? (
        <AddItem
          shape={list}
          inner={inner}
          keys={keys}
          onAdd={(key) => {
            basket.addEdit(itemAt(PATH, key), {
              ...(blank(inner) as Tier),
              key,
              threshold: nextThreshold(tiers),
            });
            setNamed(key);
          }}
        />
      ) : null}
    </Stack>
  );
}
