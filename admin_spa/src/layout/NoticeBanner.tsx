import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Megaphone, Scale, Wrench } from "lucide-react";
import type { TermsNotice } from "@/api/types.gen";
import { Go } from "@/app/links";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime, formatDateUtc } from "@/i18n/formats";
import { noticesOptions } from "./standing";

const COLOURS: Record<string, string> = { info: "blue", warning: "yellow", critical: "red" };

/** What the platform tells everybody: that nothing can be changed, new terms, announcements. */
export function NoticeBanner() {
  const { brand } = useMe();
  const found = useQuery(noticesOptions(brand.slug));
  const told = found.data;
  return (
    <>
      {told?.maintenance ? (
        <Alert
          role="status"
          mb="lg"
          color="yellow"
          variant="light"
          title={t("Nothing can be changed for now: maintenance")}
          icon={<Wrench aria-hidden size={20} />}
        >
          <Text size="sm">
            {t("Until about {at}. {reason}", {
              at: formatDateTime(told.maintenance.expectedEnd),
              reason: told.maintenance.reason,
            })}
          </Text>
        </Alert>
      ) : null}
      {told?.terms ? <NewTerms told={told.terms} /> : null}
      {told?.items.map((one) => (
        <Alert
          key={one.id}
          role="status"
          mb="lg"
          color={COLOURS[one.level] ?? "blue"}
          variant="light"
          icon={<Megaphone aria-hidden size={20} />}
        >
          <Text size="sm">{one.text}</Text>
        </Alert>
      ))}
    </>
  );
}

/** New terms of the platform wait: for whom, until when, and what happens then. */
function NewTerms({ told }: { told: TermsNotice }) {
  const me = useMe();
  const day = formatDateUtc(told.effectiveAt);
  const mine = me.may("brand:manage");
  return (
    <Alert
      role="status"
      mb="lg"
      color={told.due ? "red" : "yellow"}
      variant="light"
      title={
        told.due
          ? t("Nothing can be changed until new terms are accepted")
          : t("The platform's terms have a new version")
      }
      icon={<Scale aria-hidden size={20} />}
    >
      <Text size="sm">
        {told.due
          ? t("Version {version} is in force since {day}. Members notice nothing.", {
              version: told.version,
              day,
            })
          : t("Version {version} holds from {day}. From then on the console waits for it.", {
              version: told.version,
              day,
            })}{" "}
        {mine
          ? null
          : told.owners.length
            ? t("One of these people has to accept it: {names}.", {
                names: told.owners.join(", "),
              })
            : t("An owner of the brand has to accept it.")}
      </Text>
      <Go to="/terms" size="sm">
        {mine ? t("Read and accept the terms") : t("Read the terms")}
      </Go>
    </Alert>
  );
}
