/** What is shown when a screen cannot be: starting, not found, broken, not allowed. */

import { Button, Center, Loader, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { Compass, Lock } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { t } from "@/i18n";
import { useStandingLoads } from "@/layout/standing";
import { asProblem } from "@/lib/problem";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { meOptions, useBrand, useMe } from "./me";

const StepUp = lazy(() => import("@/features/sign-in/StepUp").then((m) => ({ default: m.StepUp })));
const Shell = lazy(() => import("@/layout/Shell").then((m) => ({ default: m.Shell })));

export function Starting() {
  return (
    <Center mih="60dvh">
      <Loader size="sm" aria-label={t("Loading")} />
    </Center>
  );
}

/** Screens of a brand are shown to somebody who is signed in there. */
export function SignedIn() {
  const brand = useBrand();
  const me = useQuery(meOptions(brand));
  const loads = useStandingLoads(brand, me.data);
  if (me.data) {
    if (loads) return <Starting />;
    return (
      <Suspense fallback={<Starting />}>
        <Shell />
        <StepUp />
      </Suspense>
    );
  }
  // Nobody is signed in: the address of signing in is on its way.
  if (me.isPending || asProblem(me.error).status === 401) return <Starting />;
  return (
    <Center mih="100dvh" p="md">
      <Stack maw={560}>
        <Problem error={me.error} retry={() => void me.refetch()} />
      </Stack>
    </Center>
  );
}

export function Missing() {
  return (
    <Center mih="60dvh">
      <EmptyState title={t("There is no such screen")} icon={Compass}>
        {t("The address may be mistyped, or what it showed was removed.")}
      </EmptyState>
    </Center>
  );
}

/** The same inside a brand's frame, where the menu leads on. */
export function Lost() {
  return (
    <Page title={t("There is no such screen")}>
      <EmptyState title={t("Nothing is at this address")} icon={Compass}>
        {t("The address may be mistyped, or what it showed was removed.")}
      </EmptyState>
    </Page>
  );
}

export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Center mih="60dvh" p="md">
      <Stack maw={560}>
        <Problem
          error={error}
          retry={() => {
            reset();
            void router.invalidate();
          }}
        />
        <Button variant="default" onClick={() => location.reload()}>
          {t("Load the console again")}
        </Button>
      </Stack>
    </Center>
  );
}

/** `<Guarded permission="audit:read" title={t("Audit")}>…</Guarded>`: says so where roles end. */
export function Guarded({
  permission,
  title,
  children,
}: {
  permission: string;
  title: string;
  children: ReactNode;
}) {
  const { may } = useMe();
  if (may(permission)) return children;
  return (
    <Page title={title}>
      <EmptyState title={t("Your roles do not open this screen")} icon={Lock}>
        {t("Ask an administrator of the brand for the permission.")}
      </EmptyState>
    </Page>
  );
}
