/** What steers recommendations: weights as sliders with the shares that they come to. */

import { Outlet } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { t } from "@/i18n";
import { Card } from "@/ui/Page";
import { Fields, NodeField } from "../form/Node";
import { useForm } from "../form/section";
import { SectionPage } from "../SectionPage";
import { KindRows } from "./Kinds";
import { Offers } from "./Offers";
import { Placements } from "./Placements";
import { type Moving, useShares } from "./useShares";

export function Recommendations() {
  return (
    <SectionPage name="recommendations" title={t("Recommendations")}>
      {() => <Board />}
    </SectionPage>
  );
}

function Board() {
  const form = useForm();
  const [moving, setMoving] = useState<Moving | null>(null);
  // The thumb follows the finger at once, the shares as soon as there is time.
  const { query, effect } = useShares(useDeferredValue(moving));
  const properties = form.schema.properties ?? {};
  const rest = Object.keys(properties).filter(
    (f) => !["enabled", "kinds", "placements", "offers"].includes(f),
  );
  return (
    <>
      <Card title={t("Kinds")} lead={t("A kind's weight is its share of the slots it stands in.")}>
        <NodeField node={properties.enabled ?? {}} path="recommendations.enabled" />
        <KindRows onMove={setMoving} />
      </Card>
      <Placements query={query} effect={effect} />
      <Offers shares={effect?.offers} onMove={setMoving} />
      <Card title={t("Where they stand")}>
        <NodeField
          node={properties.placements ?? {}}
          path="recommendations.placements"
          label={null}
        />
      </Card>
      {rest.length ? (
        <Card title={t("Scores from elsewhere")}>
          <Fields node={form.schema} path="recommendations" only={rest} />
        </Card>
      ) : null}
      <Outlet />
    </>
  );
}
