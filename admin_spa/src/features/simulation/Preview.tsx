import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { ExternalLink, Eye } from "lucide-react";
import { useState } from "react";
import { useBrand } from "@/app/me";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { Outside } from "@/ui/Page";
import { openPreview, type Tried } from "./api";
import classes from "./simulation.module.css";

/** The member site with the draft: in a frame here, or beside the console. */
export function Preview({ changeSet, framed = true }: { changeSet: Tried; framed?: boolean }) {
  const brand = useBrand();
  const [width, setWidth] = useState("phone");
  const link = useMutation({ mutationFn: () => openPreview(brand, changeSet.id) });
  const made = link.data;
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<Eye size={16} aria-hidden />}
          loading={link.isPending}
          onClick={() => link.mutate()}
        >
          {made ? t("Make a new link") : t("Look at the site")}
        </Button>
        {made ? (
          <>
            <Outside href={`${made.url}?as=member`}>
              <ExternalLink size={14} aria-hidden /> {t("Open in a tab of its own")}
            </Outside>
            {framed && made.framed ? (
              <SegmentedControl
                size="xs"
                aria-label={t("Width of the preview")}
                value={width}
                onChange={setWidth}
                data={[
                  { value: "phone", label: t("Phone") },
                  { value: "desktop", label: t("Desktop") },
                ]}
              />
            ) : null}
          </>
        ) : null}
      </Group>
      {made ? (
        <>
          <Text size="sm" c="var(--muted)">
            {t(
              "The link shows the change as it stands at each moment, until {when}. Whoever has it can look, nobody can change anything.",
              { when: formatDateTime(made.expiresAt) },
            )}
          </Text>
          {framed && made.framed ? (
            <div className={classes.stage}>
              <iframe
                key={made.url + changeSet.rowVersion}
                title={t("Preview of the member site")}
                src={`${made.url}?as=member`}
                sandbox="allow-same-origin allow-scripts allow-forms"
                className={`${classes.frame} ${width === "phone" ? classes.phone : ""}`}
              />
            </div>
          ) : null}
        </>
      ) : null}
    </Stack>
  );
}
