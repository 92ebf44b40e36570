import { SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { VersionHead, VersionOut } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { EditList } from "@/basket/EditList";
import { personName } from "@/basket/labels";
import { t, tn } from "@/i18n";
import { call } from "@/lib/http";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { When } from "@/ui/Values";
import { Rollback } from "./Rollback";
import { useComparison } from "./useComparison";
import { VersionState } from "./VersionState";

/** One version: what it changed, how it differs from others, and the way back to it. */
export function Version() {
  return (
    <Guarded permission="parameters:read" title={t("Version")}>
      <Found />
    </Guarded>
  );
}

function Found() {
  const brand = useBrand();
  const { version = "" } = useParams({ strict: false }) as { version?: string };
  const number = Number(version);
  const found = useQuery({
    queryKey: ["version", brand, number],
    queryFn: () => call<VersionOut>("GET", `/${brand}/versions/${number}`),
  });
  const now = useQuery({
    queryKey: ["parameters-head", brand],
    queryFn: () =>
      call<{ items: VersionHead[] }>("GET", `/${brand}/versions`, { query: { limit: 50 } }),
  });
  const current = now.data?.items.find((v) => v.inForce)?.version ?? null;
  const it = found.data;
  return (
    <Page
      title={t("Version {n}", { n: Number.isFinite(number) ? number : version })}
      crumbs={[{ title: t("Versions"), to: "/versions" }]}
      badge={it ? <VersionState version={it} /> : null}
      lead={
        it ? (
          <>
            {it.title || t("(no title)")} · {personName(it.author)} ·{" "}
            {it.effectiveAt ? <When at={it.effectiveAt} /> : t("For some members only")}
          </>
        ) : null
      }
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {it ? <Compared it={it} current={current} /> : null}
    </Page>
  );
}

function Compared({ it, current }: { it: VersionOut; current: number | null }) {
  const me = useMe();
  const [view, setView] = useUrlState({ against: "" });
  const previous = it.version > 1 ? it.version - 1 : null;
  const told = Number(view.against);
  const asked = view.against && Number.isInteger(told) && told > 0 ? told : null;
  const against = asked ?? previous ?? current;
  const options = new Map<string, string>();
  if (previous) options.set(String(previous), t("the version before, {n}", { n: previous }));
  if (current && current !== it.version) {
    options.set(String(current), t("what is in force, {n}", { n: current }));
  }
  if (asked && !options.has(String(asked))) {
    options.set(String(asked), t("version {n}", { n: asked }));
  }
  const begun = it.effectiveAt !== null && new Date(it.effectiveAt) <= new Date();
  const past = begun && !it.inForce && !it.withdrawnAt;
  return (
    <Stack gap="lg">
      {past && current && me.may("parameters:publish") ? (
        <Rollback version={it.version} current={current} />
      ) : null}
      <Card
        title={t("What is different")}
        lead={
          against === null
            ? undefined
            : t("In this version, compared with version {n}.", { n: against })
        }
        actions={
          options.size > 1 ? (
            <SegmentedControl
              size="xs"
              value={String(against)}
              onChange={(value) => setView({ against: value })}
              data={[...options].map(([value, label]) => ({ value, label }))}
              aria-label={t("Compare with")}
            />
          ) : null
        }
      >
        {against === null || against === it.version ? (
          <EmptyState title={t("There is nothing to compare it with")} />
        ) : (
          <Differences from={against} to={it.version} />
        )}
      </Card>
      <Text size="sm" c="var(--muted)" style={{ overflowWrap: "anywhere" }}>
        {t("Content hash")}: <code>{it.contentHash}</code>
        {it.changeSetId ? (
          <>
            {" · "}
            <Go to={`/changes/${it.changeSetId}`} fz="inherit">
              {t("The change set that it came from")}
            </Go>
          </>
        ) : null}
      </Text>
    </Stack>
  );
}

function Differences({ from, to }: { from: number; to: number }) {
  const found = useComparison(from, to);
  if (found.error) return <Problem error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Waiting />;
  if (!found.data.edits.length) return <EmptyState title={t("The two are the same")} />;
  return (
    <>
      <Text size="sm" c="var(--muted)" mb="sm">
        {tn("{n} difference", "{n} differences", found.data.edits.length)}
      </Text>
      <EditList edits={found.data.edits} />
    </>
  );
}
