import { Alert, Badge } from "@mantine/core";
import { useLocation } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { type ReactNode, useEffect, useMemo } from "react";
import { Guarded } from "@/app/frames";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { type Crumb, Page } from "@/ui/Page";
import classes from "./form/form.module.css";
import { SectionContext, type SectionForm, useSection } from "./form/section";
import { areaWords } from "./form/words";

/** The frame of a section's screen; `effect` stands beside the fields. */
export function SectionPage({
  name,
  title,
  lead,
  effect,
  hides,
  crumbs,
  width = "full",
  children,
}: {
  name: string;
  title: string;
  lead?: ReactNode;
  effect?: (form: SectionForm) => ReactNode;
  hides?: (form: SectionForm, path: string) => boolean;
  /** Where one came from, where that is not the programme. */
  crumbs?: Crumb[];
  width?: "full" | "wide" | "column";
  children: (form: SectionForm) => ReactNode;
}) {
  return (
    <Guarded permission="parameters:read" title={title}>
      <Inner
        {...{ name, title, lead, effect, hides, width, children, ...(crumbs ? { crumbs } : {}) }}
      />
    </Guarded>
  );
}

function Inner({
  name,
  title,
  lead,
  effect,
  hides,
  crumbs,
  width,
  children,
}: Parameters<typeof SectionPage>[0]) {
  const { query, answer, form: plain } = useSection(name);
  const form = useMemo(
    () => (plain && hides ? { ...plain, hides: (path: string) => hides(plain, path) } : plain),
    [plain, hides],
  );
  useDeepLink(name, form !== null);
  return (
    <Page
      title={title}
      lead={lead ?? answer?.description}
      width={width ?? "full"}
      crumbs={crumbs ?? [{ title: t("Programme"), to: "/programme" }]}
      badge={
        answer && !answer.built ? (
          <Badge variant="light" color="gray">
            {t("Not in use yet")}
          </Badge>
        ) : null
      }
      loading={query.isPending}
      error={query.error}
      retry={() => void query.refetch()}
    >
      {form && answer ? (
        <SectionContext value={form}>
          <MayNotPropose area={answer.area} />
          <div className={classes.layout} data-beside={effect ? true : undefined}>
            <div className={classes.stack}>{children(form)}</div>
            {effect ? <aside className={classes.effect}>{effect(form)}</aside> : null}
          </div>
        </SectionContext>
      ) : null}
    </Page>
  );
}

/** Fields that somebody may only read say why, once, above them. */
function MayNotPropose({ area }: { area: string }) {
  const me = useMe();
  if (me.proposes(area)) return null;
  return (
    <Alert variant="light" color="gray" mb="lg" icon={<Lock size={18} aria-hidden />}>
      {me.may("parameters:propose")
        ? t("You can look at this. Your roles propose changes in {areas} only.", {
            areas: me.areas.map(areaWords).join(", "),
          })
        : t("You can look at this. Proposing changes needs another role.")}
    </Alert>
  );
}

/** `/programme/points#earn_factor` shows that field and puts the cursor there. */
function useDeepLink(name: string, ready: boolean): void {
  const hash = useLocation({ select: (l) => l.hash });
  useEffect(() => {
    if (!hash || !ready) return;
    const path = `${name}.${decodeURIComponent(hash.replace(/^#/, ""))}`;
    const timer = setTimeout(() => {
      const field = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
      field?.scrollIntoView({ block: "center" });
      field?.focus({ preventScroll: true });
    }, 120);
    return () => clearTimeout(timer);
  }, [hash, ready, name]);
}
