import { t } from "@/i18n";
import { Card } from "@/ui/Page";
import { Fields } from "../form/Node";
import type { SectionForm } from "../form/section";
import { SectionPage } from "../SectionPage";
import { PointsDrawing } from "./PointsDrawing";

/** What points are worth: the fields, and real products and purchases under them. */
export function PointsScreen() {
  return (
    <SectionPage
      name="points"
      title={t("Points")}
      effect={() => <PointsDrawing />}
      hides={saysNothing}
    >
      {(form) => (
        <>
          <Card title={t("Earning")}>
            <Fields
              node={form.schema}
              path="points"
              only={["earn_factor", "earn_rounding", "earn_rounding_per"]}
            />
          </Card>
          <Card title={t("Prices")}>
            <Fields
              node={form.schema}
              path="points"
              only={[
                "price_factor",
                "price_rounding",
                "price_rounding_step",
                "price_floor_points",
                "minimum_points_share_percent",
                "fee",
              ]}
            />
          </Card>
          <Card title={t("How long points live")}>
            <Fields node={form.schema} path="points" only={["validity", "hold_grace_days"]} />
          </Card>
          <Card title={t("Corrections and debts")}>
            <Fields
              node={form.schema}
              path="points"
              except={[
                "earn_factor",
                "earn_rounding",
                "earn_rounding_per",
                "price_factor",
                "price_rounding",
                "price_rounding_step",
                "price_floor_points",
                "minimum_points_share_percent",
                "fee",
                "validity",
                "hold_grace_days",
              ]}
            />
          </Card>
        </>
      )}
    </SectionPage>
  );
}

/** Which fields of a model count depends on the model. */
function saysNothing(form: SectionForm, path: string): boolean {
  const model = form.at("points.validity.model");
  switch (path) {
    case "points.validity.months":
    case "points.validity.days":
      return model !== "rolling";
    case "points.validity.month":
    case "points.validity.day":
    case "points.validity.years_ahead":
      return model !== "fixed_date";
    case "points.hold_grace_days":
      return model === "none";
    case "points.negative_policy.floor":
      return form.at("points.negative_policy.model") !== "floor";
    default:
      return false;
  }
}
