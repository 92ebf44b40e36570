import { t } from "@/i18n";
import { Card } from "@/ui/Page";
import { Fields } from "../form/Node";
import { SectionPage } from "../SectionPage";
import { Ladder } from "./Ladder";
import { TiersDrawing } from "./TiersDrawing";

/** The ladder as a table, and the members of today on it. */
export function Tiers() {
  return (
    <SectionPage
      name="tiers"
      title={t("Tiers")}
      lead={t("What members have to reach, and what it brings them.")}
      effect={(form) => (
        <TiersDrawing tiers={form.at("tiers.tiers") as Record<string, unknown>[] | undefined} />
      )}
    >
      {(form) => (
        <>
          <Card title={t("The ladder")} lead={t("Lowest first. Everybody starts in the first.")}>
            <Ladder />
          </Card>
          <Card title={t("How points are counted")}>
            <Fields node={form.schema} path="tiers" except={["tiers"]} />
          </Card>
        </>
      )}
    </SectionPage>
  );
}
