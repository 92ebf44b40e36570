import { useQuery } from "@tanstack/react-query";
import type { VersionHead } from "@/api/types.gen";
import { Go } from "@/app/links";
import { useBrand } from "@/app/me";
import { personName } from "@/basket/labels";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State, When } from "@/ui/Values";
import classes from "./Overview.module.css";

const SHOWN = 5;

/** What is in force, and what was before it. */
export function Recent() {
  const brand = useBrand();
  const found = useQuery({
    queryKey: ["versions-recent", brand],
    queryFn: () =>
      call<{ items: VersionHead[] }>("GET", `/${brand}/versions`, { query: { limit: SHOWN } }),
  });
  return (
    <Card
      title={t("What changed")}
      actions={
        <Go to="/versions" size="sm">
          {t("All versions")}
        </Go>
      }
    >
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : found.data ? (
        <ul className={classes.recent}>
          {found.data.items.map((v) => (
            <li key={v.version}>
              <span>
                <Go to={`/versions/${v.version}`}>
                  {v.title || t("Version {n}", { n: v.version })}
                </Go>{" "}
                {v.inForce ? <State tone="positive">{t("In force")}</State> : null}
              </span>
              <span className={classes.meta}>
                {personName(v.author)} · <When at={v.effectiveAt} ago />
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <Waiting />
      )}
    </Card>
  );
}
