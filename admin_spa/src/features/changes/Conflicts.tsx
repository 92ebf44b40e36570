import { Alert, Button, Group, Radio, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { GitMerge } from "lucide-react";
import { useState } from "react";
import { useBrand, useMe } from "@/app/me";
import { actOnChangeSet } from "@/basket/api";
import { sectionName, shownValue } from "@/basket/labels";
import { useChangeSetNews } from "@/basket/news";
import type { ChangeSet } from "@/basket/types";
import { t, tn } from "@/i18n";
import { done } from "@/ui/notices";
import classes from "./Conflicts.module.css";

type Take = "yours" | "theirs";

/** Somebody published other values meanwhile: for each field, whose holds? */
export function Conflicts({ set }: { set: ChangeSet }) {
  const brand = useBrand();
  const me = useMe();
  const news = useChangeSetNews();
  const [takes, setTakes] = useState<Record<string, Take>>({});
  const decide = useMutation({
    mutationFn: () =>
      actOnChangeSet(brand, set.id, "rebase", {
        rowVersion: set.rowVersion,
        resolutions: set.conflicts.map((c) => ({ path: c.path, take: takes[c.path] })),
      }),
    onSuccess: (fresh) => {
      news(fresh);
      done(t("Decided. The set now stands on the newest version."));
    },
  });
  const left = set.conflicts.filter((c) => !takes[c.path]).length;
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<GitMerge size={20} aria-hidden />}
      title={t("A newer version changed the same fields")}
    >
      <Text size="sm" mb="sm">
        {t("Decide for each field which value holds; the rest is taken over by itself.")}
      </Text>
      <Stack gap="md">
        {set.conflicts.map((c) => (
          <Radio.Group
            key={c.path}
            value={takes[c.path] ?? null}
            onChange={(take) => setTakes({ ...takes, [c.path]: take as Take })}
            label={
              <span>
                {sectionName(c.path)}: {set.edits.find((e) => e.path === c.path)?.words ?? c.path}
              </span>
            }
            readOnly={!me.may("parameters:propose")}
          >
            <div className={classes.three}>
              <div className={classes.base}>
                <Text size="xs" c="var(--muted)">
                  {t("Both began from")}
                </Text>
                {shownValue(c.base)}
              </div>
              <Radio.Card value="theirs" className={classes.choice}>
                <Group wrap="nowrap" align="flex-start" gap="xs">
                  <Radio.Indicator size="xs" />
                  <div>
                    <Text size="xs" c="var(--muted)">
                      {t("In force now")}
                    </Text>
                    {shownValue(c.theirs)}
                  </div>
                </Group>
              </Radio.Card>
              <Radio.Card value="yours" className={classes.choice}>
                <Group wrap="nowrap" align="flex-start" gap="xs">
                  <Radio.Indicator size="xs" />
                  <div>
                    <Text size="xs" c="var(--muted)">
                      {t("In this change set")}
                    </Text>
                    {shownValue(c.yours)}
                  </div>
                </Group>
              </Radio.Card>
            </div>
          </Radio.Group>
        ))}
      </Stack>
      <Group mt="md">
        <Button
          size="sm"
          disabled={left > 0 || !me.may("parameters:propose")}
          loading={decide.isPending}
          onClick={() => decide.mutate()}
        >
          {t("Take these decisions")}
        </Button>
        {left ? (
          <Text size="sm">{tn("{n} field is left", "{n} fields are left", left)}</Text>
        ) : null}
      </Group>
    </Alert>
  );
}
