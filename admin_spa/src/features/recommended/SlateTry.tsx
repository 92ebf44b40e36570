/** What a member is offered now, and with the draft beside it; it follows every edit. */

import { Group, Select, Stack, Switch, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Sparkles } from "lucide-react";
import { useState } from "react";
import type { SlateTried } from "@/api/types.gen";
import { useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { useBasket } from "@/basket/useBasket";
import { nameOf } from "@/features/programme/form/Items";
import { useForm } from "@/features/programme/form/section";
import { KindRows } from "@/features/programme/recommendations/Kinds";
import { SectionPage } from "@/features/programme/SectionPage";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { call } from "@/lib/http";
import { EmptyState } from "@/ui/EmptyState";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { placed } from "./compare";
import classes from "./Slate.module.css";
import { type Journey, NO_JOURNEY, SlateContext, ticketOf } from "./SlateContext";
import { SlateMember } from "./SlateMember";
import { SlateSide } from "./SlateSide";

export function SlateTry() {
  return (
    <SectionPage
      name="recommendations"
      title={t("Try a slate")}
      crumbs={[{ title: t("Recommendations"), to: "/recommendations" }]}
      lead={t(
        "What a member is offered, and what the change you are making would do to it. Nothing is counted as shown.",
      )}
    >
      {() => <Board />}
    </SectionPage>
  );
}

function Board() {
  const form = useForm();
  const me = useMe();
  const [view, setView] = useUrlState({ member: "", nth: 0, placement: "" });
  const [ticket, setTicket] = useState<Journey | null>(null);
  const places = (form.at("recommendations.placements") ?? []) as Record<string, unknown>[];
  const placement = view.placement || String(places[0]?.key ?? "");
  const drawn = view.member === "";
  const may = me.may(drawn ? "simulation:run" : "members:read");
  if (!places.length) {
    return (
      <EmptyState title={t("There is no placement yet")} icon={Sparkles}>
        {t(
          "A placement says where recommendations stand and how many; make one under Recommendations.",
        )}
      </EmptyState>
    );
  }
  return (
    <Stack gap="lg">
      <Card title={t("For whom, and where")}>
        <Group gap="md" align="flex-end">
          <SlateMember
            member={view.member}
            drawn={drawn}
            onMember={(member) => setView({ member })}
            onDraw={() => setView({ member: "", nth: drawn ? (view.nth + 1) % 100 : view.nth })}
          />
          <Select
            size="sm"
            w={220}
            label={t("Placement")}
            data={places.map((one) => ({
              value: String(one.key),
              label: nameOf(one, form) || String(one.key),
            }))}
            value={placement}
            onChange={(key) => setView({ placement: key ?? "" })}
            allowDeselect={false}
          />
          <Switch
            mb={8}
            label={t("After buying a ticket")}
            checked={ticket !== null}
            onChange={(e) => setTicket(e.currentTarget.checked ? NO_JOURNEY : null)}
          />
        </Group>
        {ticket ? (
          <div style={{ marginTop: 12 }}>
            <SlateContext
              told={ticket}
              onChange={(change) => setTicket({ ...ticket, ...change })}
            />
          </div>
        ) : null}
      </Card>
      <Card title={t("Kinds")} lead={t("A kind's weight is its share of the slots it stands in.")}>
        <KindRows onMove={() => {}} />
      </Card>
      {may ? (
        <Slates
          member={view.member}
          nth={view.nth}
          placement={placement}
          context={ticket ? ticketOf(ticket) : null}
        />
      ) : (
        <EmptyState title={t("Choose a member")} icon={Sparkles}>
          {t("Whose slate is it?")}
        </EmptyState>
      )}
    </Stack>
  );
}

function Slates({
  member,
  nth,
  placement,
  context,
}: {
  member: string;
  nth: number;
  placement: string;
  context: unknown;
}) {
  const brand = useBrand();
  const basket = useBasket();
  const asked = { placement, context, changeSet: basket.id };
  const found = useQuery({
    queryKey: ["slate-try", brand, member, nth, asked, basket.revision],
    queryFn: ({ signal }) =>
      member
        ? call<SlateTried>("POST", `/${brand}/members/${member}/slate`, { body: asked, signal })
        : call<SlateTried>("POST", `/${brand}/recommendations/sample-slate`, {
            body: { ...asked, nth },
            signal,
          }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (found.error) return <Problem error={found.error} retry={() => void found.refetch()} />;
  const told = found.data;
  if (!told) return <Waiting lines={6} />;
  const after = told.after;
  return (
    <Stack gap="md" aria-busy={found.isFetching || basket.saving}>
      <Text size="sm" c="var(--muted)">
        {whoWords(told)}
      </Text>
      <div className={classes.sides}>
        <SlateSide
          title={t("Now")}
          lead={t("As members see it.")}
          slate={told.before}
          items={placed(told.before.items, after?.items ?? null, false)}
        />
        {after ? (
          <SlateSide
            title={t("With the draft")}
            lead={t("As it would be once the change is published.")}
            slate={after}
            items={placed(after.items, told.before.items, true)}
          />
        ) : (
          <Card title={t("With the draft")}>
            <EmptyState title={t("Nothing is being changed")} icon={Sparkles}>
              {t(
                "Move a weight above, or change anything under Recommendations, and it shows here.",
              )}
            </EmptyState>
          </Card>
        )}
      </div>
    </Stack>
  );
}

function whoWords({ member, sampled }: SlateTried): string {
  const facts = [
    member.id ? "" : t("Drawn from {n} members", { n: formatNumber(sampled) }),
    member.tier ? t("tier {tier}", { tier: member.tier }) : "",
    member.profiled
      ? t("balance {n}", { n: formatNumber(member.balance) })
      : t("does not want to be profiled"),
    member.context ? t("bought something") : t("bought nothing lately"),
  ];
  return facts.filter(Boolean).join(" · ");
}
