import { Code, List, Stack, Text } from "@mantine/core";
import type { MemberImport, MemberImportTotals } from "@/api/types.gen";
import { Guarded } from "@/app/frames";
import type { Kind } from "@/features/imports/kind";
import { Counts, One } from "@/features/imports/One";
import { Refused } from "@/features/imports/Refused";
import { ChooseFile, Start } from "@/features/imports/Start";
import { mark, t, tn, tx } from "@/i18n";
import { formatNumber, formatPoints } from "@/i18n/formats";
import { faultWords, lineWords } from "./import_words";

const HEADING =
  "email,name,phone,language,external_id,joined,opening_balance,expiry,tier,tier_until";
const KIND: Kind = {
  at: "/members/imports",
  title: mark("Import members"),
  home: { at: "/members", title: mark("Members"), see: mark("See the members") },
  failed: mark("Ended early"),
};

/** Bringing members in from a file. */
export function Imports() {
  return (
    <Guarded permission="members:import" title={t("Import members")}>
      <Start kind={KIND}>
        <ChooseFile
          kind={KIND}
          limits={t("CSV in UTF-8 with a heading, at most 200 MB")}
          heading={HEADING}
          name="members.csv"
        >
          <List.Item>{t("One line for each member; e-mail and name are needed.")}</List.Item>
          <List.Item>
            {tx("The first line names the columns: {columns}", { columns: <Code>{HEADING}</Code> })}
          </List.Item>
          <List.Item>
            {t("Balances are booked once for each member, with their last day if one is given.")}
          </List.Item>
          <List.Item>
            {t("Tiers are the programme's own; a last day is the end of a year.")}
          </List.Item>
          <List.Item>
            {t("Members who are there already stay as they are; the file may be sent again.")}
          </List.Item>
        </ChooseFile>
      </Start>
    </Guarded>
  );
}

/** One file on its way. */
export function Import() {
  return (
    <Guarded permission="members:import" title={t("Import members")}>
      <One<MemberImport>
        kind={KIND}
        nothing={({ totals }) => totals.created + totals.pointsBooked === 0}
        consequences={({ totals: { created, pointsBooked, rejected } }) => [
          tn("{n} member is made", "{n} members are made", created),
          t("{points} are booked", { points: formatPoints(pointsBooked) }),
          rejected ? tn("{n} line stays out", "{n} lines stay out", rejected) : null,
        ]}
        takingIn={t("Members are being taken in; you may leave this page.")}
        changed={(brand) => [["members", brand]]}
        fault={(one) => ({
          title: t("The import ended early"),
          words: (
            <>
              <Text>{faultWords(one)}</Text>
              <Text mt={4}>
                {one.checkedTotals
                  ? t("What came in before stays; the same file may be sent again.")
                  : t("Nothing was changed.")}
              </Text>
            </>
          ),
        })}
        tally={(one) => <Tally totals={one.totals} />}
        refused={(one, href) =>
          one.totals.rejected ? (
            <Refused
              id="member-import-refused"
              lines={one.errors}
              total={one.totals.rejected}
              words={lineWords}
              href={href}
            />
          ) : null
        }
      />
    </Guarded>
  );
}

function Tally({ totals }: { totals: MemberImportTotals }) {
  const tiers = Object.entries(totals.tiers);
  return (
    <Stack gap="sm">
      <Counts
        of={[
          [t("Lines read"), totals.rows],
          [t("Members made"), totals.created],
          [t("Members there before"), totals.unchanged],
          [t("Points booked"), totals.pointsBooked],
          [t("Points booked before"), totals.pointsThere],
          [t("Lines refused"), totals.rejected],
        ]}
      />
      <Text size="sm">
        {t("The lines that are taken hold {sum} points: {now} booked now and {before} before.", {
          sum: formatNumber(totals.pointsInFile),
          now: formatNumber(totals.pointsBooked),
          before: formatNumber(totals.pointsThere),
        })}{" "}
        {totals.pointsRejected
          ? t("Refused lines hold {n} more.", { n: formatNumber(totals.pointsRejected) })
          : null}
      </Text>
      {tiers.length ? (
        <Text size="sm">
          {t("Tiers: {list}", {
            list: tiers.map(([tier, n]) => `${tier} ${formatNumber(n)}`).join(", "),
          })}
        </Text>
      ) : null}
    </Stack>
  );
}
