import { Button, Group, List, Menu, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { BulkOutcome } from "@/api/types.gen";
import { useBrand } from "@/app/me";
import { t, tn } from "@/i18n";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { done } from "@/ui/notices";
import { listKey } from "./api";
import classes from "./Catalogue.module.css";
import { heldWords, shelfName } from "./words";

type Act = "publish" | "withdraw" | "category";

interface Props {
  selected: ReadonlySet<string>;
  clear: () => void;
  filters: Record<string, string>;
  total: number;
  categories: { key: string; name: Record<string, string | undefined> }[];
}

/** What can be done with the chosen products; what it would do is shown first. */
export function BulkBar({ selected, clear, filters, total, categories }: Props) {
  const brand = useBrand();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const [all, setAll] = useState(false);
  const count = all ? total : selected.size;
  const change = useMutation({
    mutationFn: async ({ act, category }: { act: Act; category?: string }) => {
      const which = all
        ? {
            find: {
              text: filters.q ?? "",
              statuses: filters.status ? [filters.status] : [],
              categories: filters.category ? [filters.category] : [],
              suppliers: filters.supplier ? [filters.supplier] : [],
              stock: filters.stock || null,
            },
          }
        : { ids: [...selected] };
      const body = { act, category: category ?? null, ...which };
      const path = `/${brand}/catalogue/bulk`;
      const told = await call<BulkOutcome>("POST", path, { body: { ...body, dryRun: true } });
      const yes = await confirm({
        title: titleOf(act, told.changed, category),
        act: told.changed ? actOf(act) : t("Close"),
        danger: act === "withdraw",
        consequence: <Consequence told={told} act={act} />,
      });
      if (!yes || !told.changed) return null;
      return call<BulkOutcome>("POST", path, { body });
    },
    onSuccess: (outcome) => {
      if (!outcome) return;
      done(tn("{n} product changed", "{n} products changed", outcome.changed));
      clear();
      void queries.invalidateQueries({ queryKey: listKey(brand) });
      void queries.invalidateQueries({ queryKey: ["product", brand] });
    },
  });
  return (
    <Group
      className={classes.bar ?? ""}
      justify="space-between"
      role="region"
      aria-label={t("Chosen")}
    >
      <Group gap="sm">
        <Text fw={600} aria-live="polite">
          {tn("{n} product chosen", "{n} products chosen", count)}
        </Text>
        {!all && total > selected.size ? (
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
            {tn("Choose the {n} that matches", "Choose all {n} that match", total)}
          </Button>
        ) : null}
        <Button variant="subtle" color="gray" size="compact-sm" onClick={clear}>
          {t("Choose none")}
        </Button>
      </Group>
      <Group gap="xs">
        <Button
          size="sm"
          loading={change.isPending}
          onClick={() => change.mutate({ act: "publish" })}
        >
          {t("Publish")}
        </Button>
        <Button
          size="sm"
          variant="default"
          disabled={change.isPending}
          onClick={() => change.mutate({ act: "withdraw" })}
        >
          {t("Withdraw")}
        </Button>
        <Menu position="top-end">
          <Menu.Target>
            <Button size="sm" variant="default" disabled={change.isPending}>
              {t("Move to category")}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {categories.map((c) => (
              <Menu.Item
                key={c.key}
                onClick={() => change.mutate({ act: "category", category: c.key })}
              >
                {shelfName(c)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
    </Group>
  );
}

function titleOf(act: Act, n: number, category?: string): string {
  if (!n) return t("Nothing would change");
  if (act === "publish") return tn("Publish {n} product?", "Publish {n} products?", n);
  if (act === "withdraw") return tn("Withdraw {n} product?", "Withdraw {n} products?", n);
  return tn("Move {n} product to {category}?", "Move {n} products to {category}?", n, {
    category: category ?? "",
  });
}

function actOf(act: Act): string {
  if (act === "publish") return t("Publish");
  return act === "withdraw" ? t("Withdraw") : t("Move");
}

function Consequence({ told, act }: { told: BulkOutcome; act: Act }) {
  return (
    <Stack gap="xs">
      <Text>
        {act === "publish"
          ? t("Members see them at once.")
          : act === "withdraw"
            ? t("Members cannot get them any more; orders under way go on.")
            : t("Prices follow the margin of the new category at once.")}
      </Text>
      {told.already ? (
        <Text size="sm" c="var(--muted)">
          {tn("{n} is so already.", "{n} are so already.", told.already)}
        </Text>
      ) : null}
      {told.held ? (
        <>
          <Text size="sm" fw={600}>
            {tn("{n} stays as it is:", "{n} stay as they are:", told.held)}
          </Text>
          <List size="sm">
            {told.heldBack.slice(0, 8).map((h) => (
              <List.Item key={h.slug}>
                {h.name}: {heldWords(h.code)}
              </List.Item>
            ))}
            {told.held > 8 ? <List.Item>…</List.Item> : null}
          </List>
        </>
      ) : null}
    </Stack>
  );
}
