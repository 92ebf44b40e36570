import { Alert, Button, Group, SegmentedControl, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { t, tx } from "@/i18n";
import { When } from "@/ui/Values";
import type { Loaded } from "./api";
import { clashes, type Draft, type FieldName, merged } from "./product";
import { deliveryWords, fieldWords } from "./words";

/** Two people edited the same product: what differs, and whose value counts. */
export function Conflict({
  base,
  mine,
  theirs,
  settle,
}: {
  base: Draft;
  mine: Draft;
  theirs: Loaded;
  settle: (product: Draft) => void;
}) {
  const [wins, setWins] = useState<Set<FieldName>>(new Set());
  const found = clashes(base, mine, theirs.product);
  const choose = (field: FieldName, own: boolean) => {
    const next = new Set(wins);
    if (own) next.add(field);
    else next.delete(field);
    setWins(next);
  };
  return (
    <Alert
      role="alert"
      color="orange"
      variant="light"
      title={t("Somebody was faster; nothing of yours is lost")}
    >
      <Stack gap="sm">
        <Text size="sm">
          {tx("{who} saved this product {when}. Your changes are still here.", {
            who: <b>{theirs.changed.by || t("Somebody else")}</b>,
            when: <When at={theirs.changed.at} ago />,
          })}
        </Text>
        <Table.ScrollContainer minWidth={480}>
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("Field")}</Table.Th>
                <Table.Th>{t("There now")}</Table.Th>
                <Table.Th>{t("Yours")}</Table.Th>
                <Table.Th>{t("What counts")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.map(({ field, both }) => (
                <Table.Tr key={field}>
                  <Table.Th scope="row">{fieldWords(field)}</Table.Th>
                  <Table.Td>{shown(field, theirs.product)}</Table.Td>
                  <Table.Td>{shown(field, mine)}</Table.Td>
                  <Table.Td>
                    {both ? (
                      <SegmentedControl
                        size="xs"
                        aria-label={fieldWords(field)}
                        value={wins.has(field) ? "mine" : "theirs"}
                        onChange={(value) => choose(field, value === "mine")}
                        data={[
                          { value: "theirs", label: t("Theirs") },
                          { value: "mine", label: t("Mine") },
                        ]}
                      />
                    ) : shown(field, base) === shown(field, mine) ? (
                      t("Theirs: you left it alone")
                    ) : (
                      t("Yours: they left it alone")
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        <Group gap="xs">
          <Button size="sm" onClick={() => settle(merged(base, mine, theirs.product, wins))}>
            {t("Go on with this")}
          </Button>
          <Button size="sm" variant="default" onClick={() => settle(theirs.product)}>
            {t("Drop my changes")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function shown(field: FieldName, product: Draft): string {
  switch (field) {
    case "texts":
      return Object.entries(product.texts)
        .map(([language, text]) => `${language}: ${text?.name ?? ""}`)
        .join("; ");
    case "variants":
      return product.variants.map((v) => `${v.sku} ${v.price}`).join("; ");
    case "pictures":
      return String(product.pictures.length);
    case "delivery":
      return deliveryWords(product.delivery);
    case "delivery_days":
      return product.delivery_days.join("–");
    default:
      return String(product[field] ?? "–");
  }
}
