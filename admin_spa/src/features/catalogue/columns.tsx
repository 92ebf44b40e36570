import { useMemo } from "react";
import { Go } from "@/app/links";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { formatDate } from "@/i18n/formats";
import type { Column } from "@/ui/DataTable";
import { Figure, Money, Points, State } from "@/ui/Values";
import { type CatalogueRow, pictureUrl } from "./api";
import classes from "./Catalogue.module.css";
import { shelfName, statusTone, statusWords } from "./words";

/** What the list tells of a product; `shelves` are the brand's categories. */
export function useColumns(
  shelves: { key: string; name: Record<string, string | undefined> }[],
): Column<CatalogueRow>[] {
  const brand = useBrand();
  return useMemo(() => {
    const names = new Map(shelves.map((s) => [s.key, shelfName(s)]));
    const shelf = (key: string) => names.get(key) ?? key;
    return [
      {
        key: "name",
        title: t("Product"),
        width: "minmax(220px, 2.4fr)",
        phone: "title",
        sortable: true,
        value: (p) => p.name,
        render: (p) => (
          <span className={classes.product}>
            {p.picture ? (
              <img
                src={pictureUrl(brand, p.picture)}
                alt=""
                width={32}
                height={32}
                loading="lazy"
                className={classes.thumb}
              />
            ) : (
              <span className={classes.blank} aria-hidden />
            )}
            <span className={classes.name}>
              <Go
                to={`/catalogue/${p.id}${location.search}`}
                size="sm"
                c="var(--text)"
                fw={550}
                lineClamp={1}
              >
                {p.name}
              </Go>
            </span>
          </span>
        ),
      },
      {
        key: "status",
        title: t("State"),
        width: "112px",
        value: (p) => p.status,
        render: (p) => <State tone={statusTone(p.status)}>{statusWords(p.status)}</State>,
      },
      {
        key: "category",
        title: t("Category"),
        width: "minmax(90px, 1fr)",
        phone: "hide",
        value: (p) => shelf(p.category),
        render: (p) => shelf(p.category),
      },
      {
        key: "points",
        title: t("Price in points"),
        width: "128px",
        align: "end",
        sortable: true,
        value: (p) => p.points,
        render: (p) => (p.points === null ? "–" : <Points n={p.points} bare />),
      },
      {
        key: "value",
        title: t("Price in money"),
        width: "144px",
        align: "end",
        phone: "hide",
        value: (p) => (p.value ? p.value.minor : null),
        render: (p) => <Money of={p.value} />,
      },
      {
        key: "margin",
        title: t("Margin"),
        width: "104px",
        align: "end",
        phone: "hide",
        value: (p) => p.marginMinor,
        render: (p) =>
          p.marginMinor === null || !p.value ? (
            "–"
          ) : (
            <span className={p.marginMinor < 0 ? classes.bad : undefined}>
              <Money of={{ minor: p.marginMinor, currency: p.value.currency }} />
            </span>
          ),
      },
      {
        key: "cost",
        title: t("Cost"),
        width: "110px",
        align: "end",
        optional: true,
        phone: "hide",
        value: (p) => p.cost.minor,
        render: (p) => <Money of={p.cost} />,
      },
      {
        key: "stock",
        title: t("Stock"),
        width: "104px",
        align: "end",
        sortable: true,
        value: (p) => p.stock,
        render: (p) =>
          p.stock === null ? (
            <span title={t("No limit")}>∞</span>
          ) : (
            <span className={p.stock === 0 ? classes.bad : undefined}>
              <Figure n={p.stock} />
            </span>
          ),
      },
      {
        key: "supplier",
        title: t("Supplier"),
        width: "minmax(90px, 1fr)",
        optional: true,
        phone: "hide",
        value: (p) => p.supplier,
        render: (p) => p.supplier,
      },
      {
        key: "languages",
        title: t("Languages"),
        width: "110px",
        optional: true,
        phone: "hide",
        value: (p) => p.languages.join(" "),
        render: (p) => p.languages.join(", "),
      },
      {
        key: "slug",
        title: t("Address"),
        width: "minmax(120px, 1fr)",
        optional: true,
        phone: "hide",
        value: (p) => p.slug,
        render: (p) => p.slug,
      },
      {
        key: "changed",
        title: t("Changed"),
        width: "120px",
        sortable: true,
        phone: "hide",
        value: (p) => p.changedAt,
        render: (p) => (
          <time dateTime={p.changedAt} className="figures">
            {formatDate(p.changedAt)}
          </time>
        ),
      },
    ] satisfies Column<CatalogueRow>[];
  }, [brand, shelves]);
}
