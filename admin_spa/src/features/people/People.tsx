import { Button, Group, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { Search, Table2, UserPlus } from "lucide-react";
import { useMemo, useState } from "react";
import type { Colleague, People as PeopleList } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { useGo, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, td } from "@/i18n";
import { call } from "@/lib/http";
import { type Column, DataTable } from "@/ui/DataTable";
import { EmptyState } from "@/ui/EmptyState";
import { Page } from "@/ui/Page";
import { methodWords, ROLE_TITLES } from "@/ui/people";
import { State, When } from "@/ui/Values";
import { Invite } from "./Invite";
import { stateWords } from "./words";

/** Who works for the brand. */
export function People() {
  return (
    <Guarded permission="people:read" title={t("People")}>
      <Team />
    </Guarded>
  );
}

function Team() {
  const brand = useBrand();
  const me = useMe();
  const go = useGo();
  const [view, setView] = useUrlState({ q: "" });
  const [inviting, setInviting] = useState(false);
  const { person } = useParams({ strict: false }) as { person?: string };
  const people = useQuery({
    queryKey: ["people", brand],
    queryFn: () => call<PeopleList>("GET", `/${brand}/people`),
  });
  const rows = useMemo(() => {
    const wanted = view.q.trim().toLowerCase();
    return (people.data?.items ?? []).filter((p) =>
      `${p.name} ${p.email} ${rolesWords(p)}`.toLowerCase().includes(wanted),
    );
  }, [people.data, view.q]);
  const columns: Column<Colleague>[] = [
    {
      key: "name",
      title: t("Name"),
      width: "minmax(180px, 2fr)",
      phone: "title",
      sortable: true,
      render: (p) => (
        <span>
          {p.name}
          {p.own ? <Text span inherit c="var(--muted)">{` (${t("you")})`}</Text> : null}
        </span>
      ),
      value: (p) => p.name,
    },
    {
      key: "email",
      title: t("E-mail"),
      width: "minmax(180px, 2fr)",
      render: (p) => p.email,
      value: (p) => p.email,
    },
    {
      key: "roles",
      title: t("Roles"),
      width: "minmax(160px, 2fr)",
      render: (p) => rolesWords(p),
      value: (p) => rolesWords(p),
    },
    {
      key: "state",
      title: t("State"),
      width: "200px",
      render: (p) => (
        <Group gap={6} wrap="nowrap">
          <State tone={stateWords(p.state).tone}>{stateWords(p.state).text}</State>
          {p.breakGlass ? <State tone="warning">{t("Emergency")}</State> : null}
        </Group>
      ),
      value: (p) => stateWords(p.state).text,
    },
    {
      key: "seen",
      title: t("Last sign-in"),
      width: "150px",
      render: (p) => <When at={p.lastSignInAt} ago />,
      value: (p) => p.lastSignInAt,
    },
    {
      key: "method",
      title: t("By"),
      width: "150px",
      phone: "hide",
      render: (p) => methodWords(p.lastSignInMethod),
      value: (p) => methodWords(p.lastSignInMethod),
    },
  ];
  return (
    <Page
      title={t("People")}
      lead={t("Who works on this programme, and what their roles let them do.")}
      width="full"
      loading={people.isPending}
      error={people.error}
      retry={() => void people.refetch()}
      actions={
        <>
          <Button
            variant="default"
            leftSection={<Table2 size={16} aria-hidden />}
            onClick={() => void go("/people/roles")}
          >
            {t("What roles may do")}
          </Button>
          {me.may("people:manage") ? (
            <Button
              leftSection={<UserPlus size={16} aria-hidden />}
              onClick={() => setInviting(true)}
            >
              {t("Invite people")}
            </Button>
          ) : null}
        </>
      }
    >
      <DataTable
        id="people"
        label={t("People")}
        columns={columns}
        rows={rows}
        rowKey={(p) => p.id}
        to={(p) => `/people/${p.id}`}
        current={person}
        csv="people"
        tools={
          <TextInput
            aria-label={t("Find people")}
            placeholder={t("Name, e-mail or role")}
            leftSection={<Search size={16} aria-hidden />}
            value={view.q}
            onChange={(e) => setView({ q: e.currentTarget.value })}
          />
        }
        empty={
          <EmptyState title={t("Nobody is like that")}>
            {t("Try another part of the name.")}
          </EmptyState>
        }
      />
      {inviting ? <Invite close={() => setInviting(false)} /> : null}
      <Outlet />
    </Page>
  );
}

function rolesWords(person: Colleague): string {
  return person.roles.map((role) => td(ROLE_TITLES[role] ?? role)).join(", ");
}
