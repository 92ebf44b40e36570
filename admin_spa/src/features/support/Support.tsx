import { Alert, Button, Group, Switch, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { LifeBuoy } from "lucide-react";
import { useState } from "react";
import type { SupportAccess, SupportAccesses } from "@/api/types.gen";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { accessWords, ruleWords } from "@/ui/support";
import { State, When } from "@/ui/Values";

const OFTEN_MS = 10_000;

/** Who of the platform's support asked to look in, who is in, who was. */
export function Support() {
  const brand = useBrand();
  const me = useMe();
  const queries = useQueryClient();
  const [writes, setWrites] = useState(false);
  const found = useQuery({
    queryKey: ["support", brand],
    queryFn: () => call<SupportAccesses>("GET", `/${brand}/support`),
    refetchInterval: OFTEN_MS,
  });
  const act = useMutation({
    mutationFn: ({ one, what }: { one: SupportAccess; what: "consent" | "end" }) =>
      call<SupportAccesses>("POST", `/${brand}/support/${one.id}/${what}`, {
        body: what === "consent" ? { writes: writes && one.askedWrites } : {},
      }),
    onSuccess: (answer) => queries.setQueryData(["support", brand], answer),
  });
  const may = me.may("support:consent");
  const items = found.data?.items ?? [];
  return (
    <Page
      title={t("Support")}
      lead={found.data ? ruleWords(found.data.rule) : undefined}
      width="full"
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
    >
      {items
        .filter((one) => one.state === "asked" || one.state === "open")
        .map((one) => (
          <Alert
            key={one.id}
            mb="md"
            color={one.state === "open" ? "red" : "yellow"}
            variant="light"
            icon={<LifeBuoy aria-hidden size={20} />}
            title={
              one.state === "open"
                ? t("{name} of the platform's support has access", { name: one.staffName })
                : t("{name} of the platform's support asks for access", { name: one.staffName })
            }
          >
            <Text size="sm">{one.reason}</Text>
            <Text size="sm" mb="sm">
              {one.askedWrites
                ? t("For {n} minutes, to look and to change things.", { n: one.minutes })
                : t("For {n} minutes, to look only.", { n: one.minutes })}
            </Text>
            {may ? (
              <Group>
                {one.state === "asked" ? (
                  <>
                    {one.askedWrites ? (
                      <Switch
                        label={t("Let them change things")}
                        checked={writes}
                        onChange={(e) => setWrites(e.currentTarget.checked)}
                      />
                    ) : null}
                    <Button
                      size="sm"
                      loading={act.isPending}
                      onClick={() => act.mutate({ one, what: "consent" })}
                    >
                      {t("Let them in")}
                    </Button>
                  </>
                ) : null}
                <Button
                  size="sm"
                  variant="default"
                  loading={act.isPending}
                  onClick={() => act.mutate({ one, what: "end" })}
                >
                  {one.state === "open" ? t("End it now") : t("Refuse")}
                </Button>
              </Group>
            ) : null}
          </Alert>
        ))}
      <DataTable
        id="support"
        label={t("Support")}
        columns={columns()}
        rows={items}
        rowKey={(one) => one.id}
        empty={
          <EmptyState title={t("Nobody has asked to look in")} icon={LifeBuoy}>
            {t("When somebody of the platform's support does, it stands here with their reason.")}
          </EmptyState>
        }
      />
    </Page>
  );
}

function columns(): Column<SupportAccess>[] {
  return [
    {
      key: "who",
      title: t("Who"),
      width: "minmax(150px, 1fr)",
      phone: "title",
      render: (one) => one.staffName,
      value: (one) => one.staffName,
    },
    {
      key: "reason",
      title: t("Reason"),
      width: "minmax(220px, 3fr)",
      render: (one) => one.reason,
      value: (one) => one.reason,
    },
    {
      key: "state",
      title: t("State"),
      width: "160px",
      render: (one) => (
        <State tone={accessWords(one.state).tone}>{accessWords(one.state).text}</State>
      ),
      value: (one) => accessWords(one.state).text,
    },
    {
      key: "asked",
      title: t("Asked"),
      width: "190px",
      render: (one) => <When at={one.askedAt} />,
      value: (one) => one.askedAt,
    },
    {
      key: "answered",
      title: t("Let in by"),
      width: "150px",
      render: (one) => (one.answeredBy === "rule" ? t("the brand's rule") : one.answeredBy || "–"),
      value: (one) => one.answeredBy,
    },
    {
      key: "ended",
      title: t("Ended"),
      width: "190px",
      render: (one) => <When at={one.endedAt} />,
      value: (one) => one.endedAt,
    },
  ];
}
