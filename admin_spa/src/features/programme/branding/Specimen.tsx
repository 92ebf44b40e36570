/** A card of the member site in the draft's colours, drawn here at once. */

import { useCallback } from "react";
import { useBrand, useMe } from "@/app/me";
import { language, t } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { fileUrl } from "../form/FileField";
import type { SectionForm } from "../form/section";
import classes from "./branding.module.css";

const RADIUS: Record<string, [string, string, string]> = {
  sharp: ["2px", "2px", "2px"],
  soft: ["6px", "14px", "999px"],
  round: ["10px", "22px", "999px"],
};

export function Specimen({
  tokens,
  form,
  pointsName,
  scheme,
}: {
  tokens: Record<string, string>;
  form: SectionForm;
  pointsName: Record<string, string>;
  scheme: string;
}) {
  const brand = useBrand();
  const me = useMe();
  const corners = RADIUS[String(form.at("branding.corners"))] ?? RADIUS.soft;
  // Values of the brand go through the object model: the policy takes no inline style.
  const paint = useCallback(
    (element: HTMLElement | null) => {
      if (!element) return;
      for (const [token, value] of Object.entries(tokens)) {
        element.style.setProperty(`--s-${token}`, value);
      }
      const [small, large, full] = corners ?? ["6px", "14px", "999px"];
      element.style.setProperty("--s-small", small);
      element.style.setProperty("--s-large", large);
      element.style.setProperty("--s-full", full);
    },
    [tokens, corners],
  );
  const spoken = form.languages.find((l) => l === language()) ?? form.languages[0] ?? "en";
  const logo = String(form.at("branding.logo") ?? "");
  const tagline = (form.at("branding.tagline") ?? {}) as Record<string, string>;
  const points = pointsName[spoken] ?? "";
  return (
    <div
      className={classes.specimen}
      ref={paint}
      data-density={String(form.at("branding.density"))}
      data-scheme={scheme}
    >
      <div className={classes.deep}>
        <div className={classes.mark}>
          {logo ? <img src={fileUrl(brand, logo)} alt="" /> : null}
          <span>{me.brand.name}</span>
        </div>
        <div className={classes.tagline}>{tagline[spoken] || me.brand.name}</div>
        <div className={classes.deepMuted}>{t("Welcome back")}</div>
      </div>
      <div className={classes.page}>
        <div className={classes.card}>
          <div className={classes.quiet}>{t("Your balance")}</div>
          <div className={classes.balance}>
            {formatNumber(12_450)} {points}
          </div>
          <div className={classes.row}>
            <span className={classes.button}>{t("Redeem")}</span>
            <span className={classes.link}>{t("See everything")}</span>
            <span className={classes.chip}>{t("Within reach")}</span>
          </div>
        </div>
        <div className={classes.row}>
          <span className={classes.good}>{t("Delivered")}</span>
          <span className={classes.warn}>{t("Expires soon")}</span>
          <span className={classes.bad}>{t("Payment refused")}</span>
        </div>
      </div>
    </div>
  );
}
