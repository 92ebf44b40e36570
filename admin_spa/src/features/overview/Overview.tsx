import { Guarded } from "@/app/frames";
import { t } from "@/i18n";
import { Page } from "@/ui/Page";

/** How the programme is doing, what changed, what waits. */
export function Overview() {
  return (
    <Guarded permission="overview:read" title={t("Overview")}>
      <Page title={t("Overview")} />
    </Guarded>
  );
}
