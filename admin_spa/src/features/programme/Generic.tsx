/** Sections without a drawing of their own: their fields, grouped by what people do with them. */

import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { Card } from "@/ui/Page";
import { nameOf } from "./form/Items";
import { Fields, NodeField } from "./form/Node";
import { below } from "./form/paths";
import { type SectionForm, sectionOptions } from "./form/section";
import { groupsOf, titleOf } from "./layout";
import { PaymentsTrial } from "./PaymentsTrial";
import { SectionPage } from "./SectionPage";

export function Generic({ name }: { name: string }) {
  return (
    <SectionPage name={name} title={titleOf(name)} width="wide">
      {(form) => <Groups name={name} form={form} />}
    </SectionPage>
  );
}

function Groups({ name, form }: { name: string; form: SectionForm }) {
  const properties = form.schema.properties ?? {};
  const groups = groupsOf(name, Object.keys(properties));
  const names = useNames(name);
  return (
    <>
      {groups.map((group) => {
        const [only] = group.fields;
        const single = group.fields.length === 1 && only && properties[only]?.items?.properties;
        return (
          <Card key={group.title} title={group.title} lead={group.lead}>
            {single && only ? (
              <>
                {properties[only]?.description ? (
                  <Text size="sm" c="var(--muted)">
                    {properties[only]?.description}
                  </Text>
                ) : null}
                <NodeField node={properties[only] ?? {}} path={below(name, only)} label={null} />
              </>
            ) : (
              <Fields node={form.schema} path={name} only={group.fields} names={names} />
            )}
          </Card>
        );
      })}
      {name === "payments" ? (
        <PaymentsTrial
          key={String(form.at("payments.provider") ?? "none")}
          title={t("The provider's account")}
          provider={String(form.at("payments.provider") ?? "none")}
        />
      ) : null}
    </>
  );
}

/** What entries of a dictionary can be called, where other parameters know it. */
function useNames(name: string): Record<string, { value: string; label: string }[]> {
  const brand = useBrand();
  const { data } = useQuery({ ...sectionOptions(brand, "tiers"), enabled: name === "catalogue" });
  const { brand: told } = useMe();
  if (name !== "catalogue" || !data) return {};
  const tiers = (data.content.tiers ?? []) as Record<string, unknown>[];
  return {
    tier_discounts: tiers.map((one) => ({
      value: String(one.key),
      label: nameOf(one, told) || String(one.key),
    })),
  };
}
