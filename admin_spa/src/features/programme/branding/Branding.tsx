import { t } from "@/i18n";
import { Card } from "@/ui/Page";
import { type BrandingEffect, useEffectOf } from "../effects";
import { Fields } from "../form/Node";
import type { Node } from "../form/schema";
import { SectionContext, type SectionForm } from "../form/section";
import { SectionPage } from "../SectionPage";
import { BrandingDrawing } from "./BrandingDrawing";

/** The look: few choices, and the site as it would be. */
export function Branding() {
  return (
    <SectionPage
      name="branding"
      title={t("Branding")}
      effect={(form) => <BrandingDrawing form={form} />}
    >
      {(form) => <Choices form={form} />}
    </SectionPage>
  );
}

const LOOK = ["brand_colour", "neutral", "corners", "fonts", "density"];
const PICTURES = ["logo", "hero_picture"];
const WORDS = ["points_name", "tagline", "hero"];

function Choices({ form }: { form: SectionForm }) {
  const { data } = useEffectOf<BrandingEffect>("branding");
  const schema = data ? withChoices(form.schema, data) : form.schema;
  const rest = Object.keys(schema.properties ?? {}).filter(
    (f) => f !== "theme" && ![...LOOK, ...PICTURES, ...WORDS].includes(f),
  );
  return (
    <SectionContext value={{ ...form, schema }}>
      <Card title={t("The look")}>
        <Fields node={schema} path="branding" only={["theme", ...LOOK]} />
      </Card>
      <Card title={t("Pictures")}>
        <Fields node={schema} path="branding" only={PICTURES} />
      </Card>
      <Card title={t("Words")}>
        <Fields node={schema} path="branding" only={WORDS} />
      </Card>
      {rest.length ? (
        <Card title={t("More")}>
          <Fields node={schema} path="branding" only={rest} />
        </Card>
      ) : null}
    </SectionContext>
  );
}

/** Themes and fonts are a list of what is installed, not free texts. */
function withChoices(schema: Node, effect: BrandingEffect): Node {
  const properties = { ...schema.properties };
  const labels = (of: { key: string; label: string }[]) =>
    Object.fromEntries(of.map((one) => [one.key, one.label]));
  if (properties.theme) {
    const { pattern: _, type: __, ...theme } = properties.theme;
    properties.theme = {
      ...theme,
      enum: effect.themes.map((one) => one.key),
      "x-labels": labels(effect.themes.map((one) => ({ key: one.key, label: one.name }))),
    };
  }
  if (properties.fonts) {
    properties.fonts = {
      ...properties.fonts,
      "x-labels": { "": t("The theme's own"), ...labels(effect.fonts) },
    };
  }
  return { ...schema, properties };
}
