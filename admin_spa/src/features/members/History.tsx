import { Button, Group, Select, Stack, Table, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useMemo } from "react";
import type { DeskMember, EntryExplanation, HistoryEntry, HistoryPage } from "@/api/types.gen";
import { Go, useUrlState } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t, tn, tx } from "@/i18n";
import { call } from "@/lib/http";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { Points, State, When } from "@/ui/Values";
import classes from "./Member.module.css";
import { dayWithYear, entryWords, facts, KINDS, kindWords } from "./words";

/** Everything that moved the points; each entry opens to what made it. */
export function History({ member }: { member: DeskMember }) {
  const brand = useBrand();
  const [view, setView] = useUrlState({ kind: "", entry: "" });
  const found = useInfiniteQuery({
    queryKey: ["member", brand, member.id, "history", view.kind],
    queryFn: ({ pageParam }) =>
      call<HistoryPage>("GET", `/${brand}/members/${member.id}/history`, {
        query: { kind: view.kind || null, cursor: pageParam, limit: 25 },
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });
  const entries = useMemo(() => found.data?.pages.flatMap((p) => p.items) ?? [], [found.data]);
  return (
    <Card
      title={t("History")}
      flush
      actions={
        <Select
          size="xs"
          w={150}
          aria-label={t("Kind")}
          placeholder={t("Everything")}
          clearable
          value={view.kind || null}
          onChange={(kind) => setView({ kind: kind ?? "" })}
          data={Object.keys(KINDS).map((value) => ({ value, label: kindWords(value) }))}
        />
      }
    >
      {found.error ? (
        <Problem error={found.error} retry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Waiting lines={6} />
      ) : entries.length ? (
        <>
          {entries.map((entry) => (
            <Entry
              key={entry.id}
              member={member.id}
              entry={entry}
              open={view.entry === entry.id}
              toggle={() => setView({ entry: view.entry === entry.id ? "" : entry.id })}
            />
          ))}
          {found.hasNextPage ? (
            <Group justify="center" p="sm">
              <Button
                variant="subtle"
                size="compact-sm"
                loading={found.isFetchingNextPage}
                onClick={() => void found.fetchNextPage()}
              >
                {t("Show more")}
              </Button>
            </Group>
          ) : null}
        </>
      ) : (
        <Text size="sm" c="var(--muted)" p="md">
          {view.kind
            ? t("There is no entry of this kind.")
            : t("Nothing yet: the first purchase or correction stands here.")}
        </Text>
      )}
    </Card>
  );
}

function Entry({
  member,
  entry,
  open,
  toggle,
}: {
  member: string;
  entry: HistoryEntry;
  open: boolean;
  toggle: () => void;
}) {
  const Arrow = open ? ChevronDown : ChevronRight;
  return (
    <div className={classes.entry}>
      <button type="button" className={classes.line} aria-expanded={open} onClick={toggle}>
        <span>
          <Group gap="xs" wrap="nowrap" component="span">
            <Arrow size={16} aria-hidden />
            <Text component="span" size="sm" fw={550} lineClamp={1}>
              {entryWords(entry)}
            </Text>
          </Group>
          <Text component="span" size="xs" c="var(--muted)" ms={24}>
            {kindWords(entry.kind)}, <When at={entry.occurredAt} />
          </Text>
        </span>
        <span>
          <Text
            component="span"
            size="sm"
            fw={600}
            ta="end"
            display="block"
            c={entry.points > 0 ? "var(--positive)" : undefined}
          >
            <Points n={entry.points} signed bare />
          </Text>
          <Text component="span" size="xs" c="var(--muted)" ta="end" display="block">
            {tx("then {balance}", { balance: <Points n={entry.balanceAfter} bare /> })}
          </Text>
        </span>
      </button>
      {open ? <Explained member={member} entry={entry} /> : null}
    </div>
  );
}

function Explained({ member, entry }: { member: string; entry: HistoryEntry }) {
  const brand = useBrand();
  const me = useMe();
  const found = useQuery({
    queryKey: ["member", brand, member, "entry", entry.id],
    queryFn: () => call<EntryExplanation>("GET", `/${brand}/members/${member}/history/${entry.id}`),
  });
  if (found.error) return <Problem error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Waiting lines={3} />;
  const told = found.data;
  return (
    <Stack gap="sm" className={classes.detail ?? ""}>
      <dl className={classes.facts}>
        {facts(entry, told).map(([title, value]) => (
          <div key={title}>
            <dt>{title}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>{t("Rules")}</dt>
          <dd>
            {entry.parametersVersion > 0
              ? tx("version {n}, in force since {when}", {
                  n: String(entry.parametersVersion),
                  when: <When at={told.versionSince} dateOnly />,
                })
              : t("from before the programme had versions")}
          </dd>
        </div>
        <div>
          <dt>{t("Written down")}</dt>
          <dd>
            <When at={entry.recordedAt} />
          </dd>
        </div>
      </dl>
      {told.lots.length ? (
        <Table verticalSpacing={2} withRowBorders={false} aria-label={t("Points by age")}>
          <Table.Tbody>
            {told.lots.map((lot) => (
              <Table.Tr key={`${lot.earnedAt}${lot.expiresOn}${lot.points}`}>
                <Table.Td>
                  {lot.earnedAt ? (
                    <>
                      {t("of")} <When at={lot.earnedAt} dateOnly />
                    </>
                  ) : (
                    t("owed")
                  )}
                </Table.Td>
                <Table.Td>
                  {lot.expiresOn
                    ? t("until {day}", { day: dayWithYear(lot.expiresOn) })
                    : t("for ever")}
                </Table.Td>
                <Table.Td ta="end">
                  <Points n={lot.points} signed bare />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      ) : null}
      <Group gap="sm">
        {told.undoneBy.length ? (
          <State tone="warning">
            {tn(
              "Taken back by {n} later entry",
              "Taken back by {n} later entries",
              told.undoneBy.length,
            )}
          </State>
        ) : null}
        {entry.orderId && me.may("orders:read") ? (
          <Go to={`/orders/${entry.orderId}`} size="sm">
            {t("See the order")}
          </Go>
        ) : null}
      </Group>
    </Stack>
  );
}
