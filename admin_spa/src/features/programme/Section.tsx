/** A section of the programme: laid out by hand where that helps, drawn from its schema elsewhere. */

import { useParams } from "@tanstack/react-router";
import { lazy } from "react";
import { Missing } from "@/app/frames";
import { Generic } from "./Generic";

const BrandingScreen = lazy(() =>
  import("./branding/Branding").then((m) => ({ default: m.Branding })),
);
const PointsScreen = lazy(() =>
  import("./points/Points").then((m) => ({ default: m.PointsScreen })),
);
const TiersScreen = lazy(() => import("./tiers/Tiers").then((m) => ({ default: m.Tiers })));
const RecommendationsScreen = lazy(() =>
  import("./recommendations/Recommendations").then((m) => ({ default: m.Recommendations })),
);

const PLAIN = [
  "programme",
  "catalogue",
  "payments",
  "fulfilment",
  "notifications",
  "security",
  "integrations",
  "members",
];

export function Section() {
  const { section } = useParams({ strict: false }) as { section?: string };
  switch (section) {
    case "branding":
      return <BrandingScreen />;
    case "points":
      return <PointsScreen />;
    case "tiers":
      return <TiersScreen />;
    case "recommendations":
      return <RecommendationsScreen />;
    default:
      return section && PLAIN.includes(section) ? (
        <Generic key={section} name={section} />
      ) : (
        <Missing />
      );
  }
}
