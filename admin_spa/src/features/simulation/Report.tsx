import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Check, Download } from "lucide-react";
import { useBrand } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatDay, formatNumber } from "@/i18n/formats";
import { Card, Waiting } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { type BackTestReport, reportHref, reportOptions, type Simulation } from "./api";
import { Days, Expiry, GainLose, TierBars } from "./Charts";
import { Figures } from "./Figures";
import classes from "./simulation.module.css";
import { Named, Prices } from "./Tables";

/** What a run found. */
export function Report({ run }: { run: Simulation }) {
  const brand = useBrand();
  const found = useQuery(reportOptions(brand, run));
  if (found.error) return <Problem error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return <Waiting />;
  const report = found.data;
  return (
    <Stack gap="lg">
      {isUnchanged(report) ? (
        <Alert color="green" variant="light" icon={<Check size={18} aria-hidden />}>
          {t("No difference: with these events the change does exactly what is in force.")}
        </Alert>
      ) : null}
      <Card
        title={t("In figures")}
        lead={t("{first} to {last}, {zone}; compared with version {version}", {
          first: formatDay(report.first),
          last: formatDay(report.last),
          zone: report.timeZone,
          version: report.version,
        })}
        actions={
          <Group gap="xs">
            <Button
              component="a"
              size="xs"
              variant="default"
              href={reportHref(brand, run, "report.csv")}
              leftSection={<Download size={14} aria-hidden />}
            >
              CSV
            </Button>
            <Button
              component="a"
              size="xs"
              variant="default"
              href={reportHref(brand, run, "report")}
              leftSection={<Download size={14} aria-hidden />}
            >
              JSON
            </Button>
          </Group>
        }
      >
        <Figures report={report} />
        <Text size="sm" c="var(--muted)" mt="sm">
          {checkedWords(report)}
        </Text>
      </Card>
      <div className={classes.pair}>
        <Card title={t("Points issued a day")}>
          <Days report={report} of="issued" />
        </Card>
        <Card title={t("Points redeemed a day")}>
          <Days report={report} of="redeemed" />
        </Card>
        <Card title={t("Tiers")} lead={t("Where members stand at the end")}>
          <TierBars report={report} />
        </Card>
        <Card title={t("Who gains, who loses")} lead={t("By what the balance buys at the end")}>
          <GainLose report={report} />
        </Card>
        <Card title={t("Who gains most")}>
          <Named report={report} of="winners" />
        </Card>
        <Card title={t("Who loses most")}>
          <Named report={report} of="losers" />
        </Card>
      </div>
      <Card
        title={t("Prices")}
        lead={t("What members redeemed most, for somebody without a discount")}
      >
        <Prices report={report} />
      </Card>
      <Card title={t("When points expire")}>
        <Expiry report={report} />
      </Card>
      <Card title={t("How this is worked out")}>
        <Text size="sm">
          {t(
            "Every purchase, return and redemption of these days is run again, in its order, by the programme's own functions: once under the version in force, once with the change. Members redeem the same things in the same mix of points and money; who cannot afford it, does not. Corrections and expiries stay as they were recorded. Nothing is written.",
          )}
        </Text>
        <Text size="xs" c="var(--muted)" mt="xs" className="figures">
          {t("Fingerprint {fingerprint}: the same events and rules give the same report.", {
            fingerprint: report.fingerprint.slice(0, 16),
          })}
        </Text>
      </Card>
    </Stack>
  );
}

function checkedWords(report: BackTestReport): string {
  const { earn = 0, reverse = 0, redeem = 0 } = report.events;
  const counted = t("Credits run: {earn}; returns: {reverse}; redemptions: {redeem}.", {
    earn: formatNumber(earn),
    reverse: formatNumber(reverse),
    redeem: formatNumber(redeem),
  });
  const { purchases, equal } = report.checked;
  if (!purchases) return counted;
  const checked = tn(
    "{equal} of {n} purchase recorded under the version in force came out as it was booked.",
    "{equal} of {n} purchases recorded under the version in force came out as they were booked.",
    purchases,
    { equal: formatNumber(equal) },
  );
  return `${counted} ${checked}`;
}

export function isUnchanged(report: BackTestReport): boolean {
  const { before, after } = report;
  return (
    JSON.stringify(before) === JSON.stringify(after) &&
    report.byDay.every(
      (d) => d.issuedBefore === d.issuedAfter && d.redeemedBefore === d.redeemedAfter,
    ) &&
    report.expiry.every((m) => m.before === m.after) &&
    report.tiers.moves.length === 0 &&
    report.members.gain + report.members.lose === 0 &&
    report.products.every((p) => p.pointsBefore === p.pointsAfter && p.valueBefore === p.valueAfter)
  );
}
