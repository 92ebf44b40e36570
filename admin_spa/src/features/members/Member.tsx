import { Button, Group, Progress, SimpleGrid, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Scale } from "lucide-react";
import { useState } from "react";
import type { DeskMember, OrderPage } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { language, languageName, t, tn } from "@/i18n";
import { formatPoints } from "@/i18n/formats";
import { call } from "@/lib/http";
import { Card, Page, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Points, State, When } from "@/ui/Values";
import { Adjust } from "./Adjust";
import { History } from "./History";
import classes from "./Member.module.css";
import { browserWords, dayWithYear, purposeWords, statusTone, statusWords } from "./words";

/** A member with everything that an answer to their question needs. */
export function Member() {
  return (
    <Guarded permission="members:read" title={t("Member")}>
      <OneMember />
    </Guarded>
  );
}

function OneMember() {
  const brand = useBrand();
  const me = useMe();
  const { member: id } = useParams({ strict: false }) as { member: string };
  const [adjusting, adjust] = useState(false);
  const found = useQuery({
    queryKey: ["member", brand, id],
    queryFn: () => call<DeskMember>("GET", `/${brand}/members/${id}`),
  });
  const member = found.data;
  return (
    <Page
      title={member?.name ?? (member ? t("Erased member") : t("Member"))}
      crumbs={[{ title: t("Members"), to: "/members" }]}
      badge={
        member ? <State tone={statusTone(member.status)}>{statusWords(member.status)}</State> : null
      }
      loading={found.isPending}
      error={found.error}
      retry={() => void found.refetch()}
      actions={
        member && member.status !== "erased" && me.may("members:adjust") ? (
          <Button leftSection={<Scale size={16} aria-hidden />} onClick={() => adjust(true)}>
            {t("Correct points")}
          </Button>
        ) : null
      }
    >
      {member ? (
        <>
          <div className={classes.columns}>
            <Stack gap="lg">
              <Balance member={member} />
              <History member={member} />
            </Stack>
            <Stack gap="lg">
              <Who member={member} />
              <Tier member={member} />
              <Lots member={member} />
              {me.may("orders:read") ? <Orders member={member} /> : null}
              <Consents member={member} />
              <Sessions member={member} />
            </Stack>
          </div>
          {adjusting ? <Adjust member={member} close={() => adjust(false)} /> : null}
        </>
      ) : null}
    </Page>
  );
}

function Balance({ member }: { member: DeskMember }) {
  const { balance, buckets } = member;
  const gone: [string, number][] = [
    [t("Earned"), buckets.earned],
    [t("Came back"), buckets.refunded],
    [t("By hand"), buckets.adjusted],
    [t("Taken back"), 0 - buckets.reversed],
    [t("Used"), 0 - buckets.spent],
    [t("Expired"), 0 - buckets.expired],
  ];
  return (
    <Card title={t("Points")}>
      <SimpleGrid cols={{ base: 1, xs: 3 }} mb="md">
        <Figure title={t("Can be spent")} large>
          <Points n={balance.available} />
        </Figure>
        <Figure title={t("Set aside for orders")}>
          <Points n={balance.held} />
        </Figure>
        <Figure title={t("Goes next")}>
          {balance.nextExpiry ? (
            <>
              <Points n={balance.nextExpiryPoints} />
              <Text size="xs" c="var(--muted)">
                {t("until {day}", { day: dayWithYear(balance.nextExpiry) })}
              </Text>
            </>
          ) : (
            t("nothing")
          )}
        </Figure>
      </SimpleGrid>
      {balance.debt ? (
        <Text c="var(--danger)" size="sm" mb="sm">
          {t("{points} are owed: what comes in settles that first.", {
            points: formatPoints(balance.debt),
          })}
        </Text>
      ) : null}
      {balance.overdue ? (
        <Text c="var(--muted)" size="sm" mb="sm">
          {t("{points} have passed their last day and go tonight.", {
            points: formatPoints(balance.overdue),
          })}
        </Text>
      ) : null}
      <Table verticalSpacing={4} withRowBorders={false} aria-label={t("Where all points went")}>
        <Table.Tbody>
          {gone.map(([title, n]) => (
            <Table.Tr key={title}>
              <Table.Td c="var(--muted)">{title}</Table.Td>
              <Table.Td ta="end">
                <Points n={n} signed bare />
              </Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr className={classes.sum ?? ""}>
            <Table.Td fw={600}>{t("Balance")}</Table.Td>
            <Table.Td ta="end" fw={600}>
              <Points n={buckets.posted} />
            </Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Figure({
  title,
  large,
  children,
}: {
  title: string;
  large?: boolean;
  children: React.ReactNode;
}) {
  return (
    <div>
      <Text size="sm" c="var(--muted)">
        {title}
      </Text>
      <Text component="div" fz={large ? 28 : 18} fw={large ? 650 : 550} lh={1.3}>
        {children}
      </Text>
    </div>
  );
}

function Who({ member }: { member: DeskMember }) {
  const lines: [string, React.ReactNode][] = [
    [
      t("Number"),
      <span key="n" className="figures">
        {member.number ?? "–"}
      </span>,
    ],
    [
      t("E-mail"),
      member.email ? (
        <>
          {member.email}
          {member.emailVerified ? "" : ` (${t("not confirmed")})`}
        </>
      ) : (
        "–"
      ),
    ],
    [t("Phone"), member.phone ?? "–"],
    [t("Your own number"), member.externalId ?? "–"],
    [t("Language"), member.language ? languageName(member.language) : "–"],
    [t("Addresses"), String(member.addresses)],
    [t("Joined"), <When key="j" at={member.joinedAt} dateOnly />],
  ];
  return (
    <Card title={t("Who it is")}>
      <dl className={classes.facts}>
        {lines.map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Tier({ member }: { member: DeskMember }) {
  const { tier } = member;
  const name = (by: Record<string, string | undefined>, key: string | null) =>
    by[language()] ?? Object.values(by)[0] ?? key ?? "–";
  if (!tier.tier) {
    return (
      <Card title={t("Tier")}>
        <Text size="sm" c="var(--muted)">
          {t("The programme has no tiers.")}
        </Text>
      </Card>
    );
  }
  const whole = tier.missing === null ? 0 : tier.qualifying + tier.missing;
  return (
    <Card title={t("Tier")}>
      <Text fz={18} fw={600}>
        {name(tier.name, tier.tier)}
      </Text>
      <Text size="sm" c="var(--muted)">
        {tier.period
          ? t("{points} count in {year}", {
              points: formatPoints(tier.qualifying),
              year: String(tier.period),
            })
          : t("{points} count", { points: formatPoints(tier.qualifying) })}
      </Text>
      {tier.missing !== null && tier.nextTier ? (
        <>
          <Progress
            value={whole ? (tier.qualifying / whole) * 100 : 0}
            mt="sm"
            mb={6}
            aria-label={t("On the way to the next tier")}
          />
          <Text size="sm">
            {t("{points} to {tier}", {
              points: formatPoints(tier.missing),
              tier: name(tier.nextName, tier.nextTier),
            })}
          </Text>
        </>
      ) : null}
    </Card>
  );
}

const LOTS = 6;

function Lots({ member }: { member: DeskMember }) {
  const [all, setAll] = useState(false);
  const lots = all ? member.lots : member.lots.slice(0, LOTS);
  return (
    <Card title={t("What goes when")}>
      {lots.length ? (
        <>
          <Table verticalSpacing={4} withRowBorders={false}>
            <Table.Tbody>
              {lots.map((lot) => (
                <Table.Tr key={`${lot.earnedAt}${lot.expiresOn}${lot.remaining}`}>
                  <Table.Td>
                    {lot.expiresOn
                      ? t("until {day}", { day: dayWithYear(lot.expiresOn) })
                      : t("for ever")}
                    <Text size="xs" c="var(--muted)">
                      {t("since")} <When at={lot.earnedAt} dateOnly />
                    </Text>
                  </Table.Td>
                  <Table.Td ta="end">
                    <Points n={lot.remaining} bare />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
          {member.lots.length > LOTS ? (
            <Button variant="subtle" size="compact-sm" mt="xs" onClick={() => setAll(!all)}>
              {all
                ? t("Show fewer")
                : tn("Show {n} more", "Show {n} more", member.lots.length - LOTS)}
            </Button>
          ) : null}
        </>
      ) : (
        <Text size="sm" c="var(--muted)">
          {t("There are no points that could go.")}
        </Text>
      )}
    </Card>
  );
}

function Orders({ member }: { member: DeskMember }) {
  const brand = useBrand();
  const found = useQuery({
    queryKey: ["orders", brand, "of", member.id],
    queryFn: () =>
      call<OrderPage>("GET", `/${brand}/orders`, { query: { memberId: member.id, limit: 5 } }),
  });
  return (
    <Card
      title={t("Orders")}
      actions={
        found.data?.items.length ? (
          <Go to="/orders" search={{ member: member.id }} size="sm">
            {t("All")}
          </Go>
        ) : null
      }
    >
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : !found.data ? (
        <Waiting lines={2} />
      ) : found.data.items.length ? (
        <Stack gap="xs">
          {found.data.items.map((order) => (
            <Group key={order.id} justify="space-between" wrap="nowrap">
              <Go to={`/orders/${order.id}`} size="sm" lineClamp={1}>
                {order.title[language()] ?? Object.values(order.title)[0] ?? order.number}
              </Go>
              <Text size="sm" c="var(--muted)">
                <When at={order.placedAt} dateOnly />
              </Text>
            </Group>
          ))}
        </Stack>
      ) : (
        <Text size="sm" c="var(--muted)">
          {t("Nothing redeemed yet.")}
        </Text>
      )}
    </Card>
  );
}

function Consents({ member }: { member: DeskMember }) {
  return (
    <Card title={t("Consents")}>
      {member.consents.length ? (
        <Stack gap="xs">
          {member.consents.map((consent) => (
            <Group key={consent.purpose} justify="space-between" wrap="nowrap">
              <Text size="sm">
                {purposeWords(consent.purpose)}{" "}
                <Text component="span" size="xs" c="var(--muted)">
                  {t("text {version}", { version: consent.textVersion })},{" "}
                  <When at={consent.givenAt} dateOnly />
                </Text>
              </Text>
              <State tone={consent.granted ? "positive" : "neutral"}>
                {consent.granted ? t("Yes") : t("No")}
              </State>
            </Group>
          ))}
        </Stack>
      ) : (
        <Text size="sm" c="var(--muted)">
          {t("The member has said nothing yet.")}
        </Text>
      )}
    </Card>
  );
}

function Sessions({ member }: { member: DeskMember }) {
  return (
    <Card title={t("Signed in")}>
      {member.sessions.length ? (
        <Stack gap="xs">
          {member.sessions.map((session) => (
            <Group key={session.startedAt} justify="space-between" wrap="nowrap">
              <Text size="sm">{browserWords(session.agent)}</Text>
              <Text size="sm" c="var(--muted)">
                {t("seen")} <When at={session.seenAt} ago />
              </Text>
            </Group>
          ))}
        </Stack>
      ) : (
        <Text size="sm" c="var(--muted)">
          {t("Nowhere at present.")}
        </Text>
      )}
    </Card>
  );
}
