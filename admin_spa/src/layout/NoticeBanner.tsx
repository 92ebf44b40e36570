import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Megaphone, Wrench } from "lucide-react";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { noticesOptions } from "./standing";

const COLOURS: Record<string, string> = { info: "blue", warning: "yellow", critical: "red" };

/** What the platform tells everybody: that nothing can be changed, and its announcements. */
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
