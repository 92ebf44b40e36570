import { Button, Code, List, Text } from "@mantine/core";
import { Download } from "lucide-react";
import type { CatalogueImport } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand, useMe } from "@/app/me";
import type { Kind } from "@/features/imports/kind";
import { Counts, One } from "@/features/imports/One";
import { Refused, Wrapped } from "@/features/imports/Refused";
import { ChooseFile, Start } from "@/features/imports/Start";
import { mark, t, tn, tx } from "@/i18n";
import { listKey } from "./api";
import { fixFor, wrongWords } from "./words";

const KIND: Kind = {
  at: "/catalogue/imports",
  title: mark("Import products"),
  home: { at: "/catalogue", title: mark("Catalogue"), see: mark("See the catalogue") },
  failed: mark("Cannot be read"),
};

/** Bringing many products in from a file. */
export function Imports() {
  return (
    <Guarded permission="catalogue:read" title={t("Import products")}>
      <Products />
    </Guarded>
  );
}

function Products() {
  const brand = useBrand();
  const me = useMe();
  const heading = [
    "slug,category,supplier,currency,sku,price,stock",
    ...me.brand.languages.map((l) => `name_${l},summary_${l}`),
  ].join(",");
  return (
    <Start kind={KIND}>
      {me.may("catalogue:write") ? (
        <ChooseFile
          kind={KIND}
          limits={t("CSV in UTF-8 with a heading, at most 50 MB")}
          heading={heading}
          name="products.csv"
          more={
            <Button
              component="a"
              href={`/api/admin/v1/${brand}/catalogue/export`}
              variant="default"
              size="xs"
              leftSection={<Download size={14} aria-hidden />}
            >
              {t("The whole catalogue as it is")}
            </Button>
          }
        >
          <List.Item>{t("One line for each SKU; lines of a product stand together.")}</List.Item>
          <List.Item>
            {tx("The first line names the columns, such as {columns}", {
              columns: <Code>{heading}</Code>,
            })}
          </List.Item>
          <List.Item>
            {t("A column that is not in the file leaves what is there; pictures stay.")}
          </List.Item>
          <List.Item>
            {t("Stock counts for new SKUs; later it is counted, not imported.")}
          </List.Item>
        </ChooseFile>
      ) : null}
    </Start>
  );
}

/** One file on its way. */
export function Import() {
  return (
    <Guarded permission="catalogue:read" title={t("Import products")}>
      <OneFile />
    </Guarded>
  );
}

function OneFile() {
  const me = useMe();
  return (
    <One<CatalogueImport>
      kind={KIND}
      may={me.may("catalogue:write")}
      nothing={({ totals }) => totals.created + totals.changed === 0}
      consequences={({ totals: { created, changed, refused } }) => [
        tn("{n} product is made", "{n} products are made", created),
        tn("{n} product changes", "{n} products change", changed),
        refused
          ? tn("{n} fault: its line stays out", "{n} faults: their lines stay out", refused)
          : null,
      ]}
      takingIn={t("Products are being taken in; you may leave this page.")}
      changed={(brand) => [listKey(brand), ["catalogue-options", brand]]}
      fault={(one) => ({
        title: t("The file cannot be read"),
        words: (
          <>
            <Text>{one.fault}</Text>
            {one.faultField ? (
              <Text mt={4}>{t("Column: {name}", { name: one.faultField })}</Text>
            ) : null}
            <Text mt={4}>
              {t("Nothing was changed. Correct the heading and send the file again.")}
            </Text>
          </>
        ),
      })}
      tally={({ totals }) => (
        <Counts
          of={[
            [t("Lines read"), totals.lines],
            [t("Products made"), totals.created],
            [t("Products changed"), totals.changed],
            [t("Products as they were"), totals.unchanged],
            [t("Faults"), totals.refused],
          ]}
        />
      )}
      refused={(one, href) =>
        one.totals.refused ? (
          <Refused
            id="catalogue-refused"
            lines={one.errors}
            total={one.totals.refused}
            words={wrongWords}
            more={[
              {
                key: "fix",
                title: t("What to do"),
                width: "minmax(200px, 1.6fr)",
                value: (e) => fixFor(e.column, e.code),
                render: (e) => <Wrapped>{fixFor(e.column, e.code)}</Wrapped>,
              },
            ]}
            href={href}
          />
        ) : null
      }
    />
  );
}
