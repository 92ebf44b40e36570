import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useMe } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { MaintenanceForm } from "./MaintenanceForm";
import { useEndMaintenance, useMaintenances } from "./useMaintenance";

/** Making one tenant read-only, and ending that. */
export function MaintenanceHere({ slug }: { slug: string }) {
  const me = useMe();
  const found = useMaintenances();
  const end = useEndMaintenance();
  const [asked, ask] = useState(false);
  const on = found.data?.items.find((one) => one.slug === slug);
  if (!me.may("tenants:change")) return null;
  return (
    <Stack gap="sm" component="section" aria-label={t("Maintenance")}>
      <Title order={2} size="h4">
        {t("Maintenance")}
      </Title>
      {on ? (
        <>
          <Text size="sm">
            {t("Read-only until about {at}: {reason}", {
              at: formatDateTime(on.expectedEnd),
              reason: on.reason,
            })}
          </Text>
          <Group>
            <Button loading={end.isPending} onClick={() => end.mutate(slug)}>
              {t("End the maintenance")}
            </Button>
          </Group>
        </>
      ) : asked ? (
        <MaintenanceForm
          at={`/tenants/${slug}/maintenance`}
          lead={t(
            "Members and staff go on reading; whatever would change something is told to come back.",
          )}
          act={t("Make it read-only")}
          close={() => ask(false)}
        />
      ) : (
        <Group>
          <Button variant="default" onClick={() => ask(true)}>
            {t("Make it read-only …")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}
