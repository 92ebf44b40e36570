import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { ChangeSetOut } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { Page } from "@/ui/Page";
import { RolloutPanel } from "./RolloutPanel";

/** A change set on some members: who is in, and what it brings. */
export function RolloutPage() {
  return (
    <Guarded permission="parameters:read" title={t("Rollout")}>
      <Screen />
    </Guarded>
  );
}

function Screen() {
  const brand = useBrand();
  const { changeSet = "" } = useParams({ strict: false }) as { changeSet?: string };
  const found = useQuery({
    queryKey: ["change-set", brand, changeSet],
    queryFn: () => call<ChangeSetOut>("GET", `/${brand}/change-sets/${changeSet}`),
  });
  return (
    <Page
      title={t("Rollout")}
      lead={t(
        "Some members have this change before the others. Each stays on the same side, so that both can be compared.",
      )}
      crumbs={[
        { title: t("Change sets"), to: "/changes" },
        { title: found.data?.title ?? "…", to: `/changes/${changeSet}` },
        { title: t("Rollout") },
      ]}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {found.data ? (
        <RolloutPanel
          changeSetId={changeSet}
          rowVersion={found.data.rowVersion}
          open={["draft", "in_review", "returned", "approved"].includes(found.data.state)}
        />
      ) : null}
    </Page>
  );
}
