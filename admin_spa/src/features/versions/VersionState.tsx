import type { VersionHead } from "@/api/types.gen";
import { t } from "@/i18n";
import { State } from "@/ui/Values";

/** Where a version stands: in force, scheduled, withdrawn, or history. */
export function VersionState({ version }: { version: VersionHead }) {
  if (version.inForce) return <State tone="positive">{t("In force")}</State>;
  if (version.withdrawnAt) return <State>{t("Withdrawn")}</State>;
  if (version.effectiveAt === null) return <State tone="accent">{t("Rollout")}</State>;
  if (new Date(version.effectiveAt) > new Date()) {
    return <State tone="accent">{t("Scheduled")}</State>;
  }
  return version.restores === null ? (
    <State>{t("Superseded")}</State>
  ) : (
    <State>{t("Rollback to {n}", { n: version.restores })}</State>
  );
}
