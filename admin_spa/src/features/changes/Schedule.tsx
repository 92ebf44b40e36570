import { Button, Group, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { t } from "@/i18n";
import { programmeZone } from "@/i18n/formats";
import { asProblem } from "@/lib/problem";

/** A moment on the wall clock of the programme's zone, where it may be missing or come twice. */
export function Schedule({
  schedule,
  close,
  pending,
  problem,
}: {
  schedule: (body: { local: string; fold?: "earlier" | "later" }) => void;
  close: () => void;
  pending: boolean;
  problem: unknown;
}) {
  const [local, setLocal] = useState("");
  const [fold, setFold] = useState<"earlier" | "later" | null>(null);
  const twice = problem ? asProblem(problem).code === "ambiguous_time" : false;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        schedule({ local, ...(fold && twice ? { fold } : {}) });
      }}
    >
      <Stack gap="sm">
        <TextInput
          type="datetime-local"
          label={t("Takes effect at")}
          description={t("On the clocks of the programme's zone, {zone}.", {
            zone: programmeZone(),
          })}
          value={local}
          required
          maw={320}
          onChange={(e) => {
            setLocal(e.currentTarget.value);
            setFold(null);
          }}
        />
        {twice ? (
          <Radio.Group
            label={t("The clocks show this time twice that night. Which one?")}
            value={fold}
            onChange={(value) => setFold(value as "earlier" | "later")}
          >
            <Group mt={6}>
              <Radio value="earlier" label={t("The first time")} />
              <Radio value="later" label={t("The second time")} />
            </Group>
          </Radio.Group>
        ) : null}
        <Group>
          <Button type="submit" loading={pending} disabled={!local || (twice && !fold)}>
            {t("Put on the schedule")}
          </Button>
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
        </Group>
        <Text size="xs" c="var(--muted)">
          {t("The first purchase after that moment follows the new rules, none before.")}
        </Text>
      </Stack>
    </form>
  );
}
