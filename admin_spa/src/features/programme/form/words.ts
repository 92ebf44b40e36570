import { t } from "@/i18n";

/** An area of parameters, as people call it. */
export function areaWords(area: string | undefined): string {
  switch (area) {
    case "brand":
      return t("brand");
    case "commercial":
      return t("commercial terms");
    case "catalogue":
      return t("the catalogue");
    case "payments":
      return t("payments");
    case "technical":
      return t("technical settings");
    case "security":
      return t("security");
    default:
      return area ?? "";
  }
}
