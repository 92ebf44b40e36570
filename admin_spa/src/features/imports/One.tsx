/** One file on its way: looked through, taken in when a person says so. */

import { Button, Group, List, Progress, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import type { ReactNode } from "react";
import { useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { t, td } from "@/i18n";
import { formatPercent } from "@/i18n/formats";
import { call } from "@/lib/http";
import { useConfirm } from "@/ui/Confirm";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Page } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Figure } from "@/ui/Values";
import type { FileImport, Kind } from "./kind";
import { StateOf } from "./Start";

const LOOK_MS = 700;

export function One<I extends FileImport>({
  kind,
  may = true,
  nothing,
  consequences,
  takingIn,
  changed,
  fault,
  tally,
  refused,
}: {
  kind: Kind;
  may?: boolean;
  /** Whether taking it in would change nothing. */
  nothing: (one: I) => boolean;
  /** What is asked before it is taken in. */
  consequences: (one: I) => (string | null)[];
  /** What is said meanwhile. */
  takingIn: string;
  /** Queries that are out of date once it is taken in, the brand's among them. */
  changed: (brand: string) => readonly unknown[][];
  fault: (one: I) => { title: string; words: ReactNode };
  tally: (one: I) => ReactNode;
  /** The lines that are not taken; `href` has them as a file. */
  refused: (one: I, href: string) => ReactNode;
}) {
  const brand = useBrand();
  const go = useGo();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const { import: id } = useParams({ strict: false }) as { import: string };
  const path = `/${brand}${kind.at}/${id}`;
  const key = ["import", kind.at, brand, id];
  const found = useQuery({
    queryKey: key,
    queryFn: () => call<I>("GET", path),
    refetchInterval: ({ state }) => (state.data && isUnderWay(state.data) ? LOOK_MS : false),
  });
  const one = found.data;
  const step = useMutation({
    meta: { shown: true },
    mutationFn: (act: "apply" | "discard") => call<I>("POST", `${path}/${act}`),
    onSuccess: (next) => {
      queries.setQueryData(key, next);
      for (const queryKey of changed(brand)) void queries.invalidateQueries({ queryKey });
    },
  });
  const apply = async (one: I) => {
    const yes = await confirm({
      title: t("Take this file in?"),
      act: t("Take it in"),
      consequence: (
        <List>
          {consequences(one).map((words) => words && <List.Item key={words}>{words}</List.Item>)}
        </List>
      ),
    });
    if (yes) step.mutate("apply");
  };
  const another = (
    <Button variant="default" onClick={() => void go(kind.at)}>
      {t("Another file")}
    </Button>
  );
  return (
    <Page
      title={one?.fileName ?? td(kind.title)}
      crumbs={[
        { title: td(kind.home.title), to: kind.home.at },
        { title: td(kind.title), to: kind.at },
      ]}
      badge={one ? <StateOf kind={kind} one={one} /> : null}
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      width="wide"
      actions={
        one && may ? (
          <>
            {one.state === "checked" || isUnderWay(one) ? (
              <Button variant="default" onClick={() => step.mutate("discard")}>
                {t("Drop this file")}
              </Button>
            ) : (
              another
            )}
            {one.state === "checked" ? (
              <Button
                disabled={nothing(one)}
                loading={step.isPending}
                onClick={() => void apply(one)}
              >
                {t("Take it in")}
              </Button>
            ) : null}
            {one.state === "applied" ? (
              <Button onClick={() => void go(kind.home.at)}>{td(kind.home.see)}</Button>
            ) : null}
          </>
        ) : null
      }
    >
      {one ? (
        <Stack gap="lg">
          {step.error ? <Problem error={step.error} /> : null}
          {isUnderWay(one) ? <UnderWay one={one} takingIn={takingIn} /> : null}
          {one.state === "failed" ? (
            <EmptyState title={fault(one).title} icon={FileUp} action={another}>
              {fault(one).words}
            </EmptyState>
          ) : (
            <Card title={one.checkedTotals ? t("What it did") : t("What it would do")}>
              {tally(one)}
              {one.state === "checked" && nothing(one) ? (
                <Text mt="sm">
                  {one.errors.length
                    ? t("There is nothing to take in: what is wrong with the lines stands below.")
                    : t("There is nothing to take in: everything is so already.")}
                </Text>
              ) : null}
            </Card>
          )}
          {refused(one, `/api/admin/v1${path}/refused`)}
        </Stack>
      ) : null}
    </Page>
  );
}

const isUnderWay = (one: FileImport) => one.state === "checking" || one.state === "applying";

function UnderWay({ one, takingIn }: { one: FileImport; takingIn: string }) {
  const ratio = one.sizeBytes ? one.position / one.sizeBytes : 0;
  return (
    <Stack gap={6} aria-live="polite">
      <Text size="sm">
        {one.state === "checking" ? t("Every line is being tried; nothing is changed.") : takingIn}{" "}
        <span className="figures">{formatPercent(ratio, 0)}</span>
      </Text>
      <Progress value={ratio * 100} aria-label={t("Progress")} animated />
    </Stack>
  );
}

/** Figures of a file, by what they count. */
export function Counts({ of }: { of: [string, number][] }) {
  return (
    <Group gap="xl">
      {of.map(([title, n]) => (
        <div key={title}>
          <Text size="sm" c="var(--muted)">
            {title}
          </Text>
          <Text fz={24} fw={620}>
            <Figure n={n} />
          </Text>
        </div>
      ))}
    </Group>
  );
}
