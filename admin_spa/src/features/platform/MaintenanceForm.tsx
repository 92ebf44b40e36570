import { Button, Group, NumberInput, Stack, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Maintenances } from "@/api/types.gen";
import { t } from "@/i18n";
import { formatDateTime } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { done } from "@/ui/notices";
import { Problem } from "@/ui/Problem";

const MINUTE_MS = 60_000;
const MINUTES_MAX = 1440;

/** Makes one tenant (`at` is its path) or everybody read-only, or puts the end off. */
export function MaintenanceForm({
  at,
  lead,
  act,
  close,
}: {
  at: string;
  lead: string;
  act: string;
  close: () => void;
}) {
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState<number | string>(30);
  const end = () => new Date(Date.now() + Number(minutes || 0) * MINUTE_MS);
  const begin = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      callPlatform<Maintenances>("POST", at, {
        body: { reason, expectedEnd: end().toISOString() },
      }),
    onSuccess: async () => {
      done(t("It is read-only within a second."));
      await queries.invalidateQueries({ queryKey: ["platform", "maintenance"] });
      close();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        begin.mutate();
      }}
    >
      <Stack gap="sm">
        <Text size="sm">{lead}</Text>
        <Textarea
          label={t("Reason")}
          description={t("The brands' people read it in their console.")}
          required
          maxLength={500}
          autosize
          minRows={2}
          value={reason}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <NumberInput
          label={t("For about so many minutes")}
          description={t("Until about {at}. Nothing ends by itself: you end it.", {
            at: formatDateTime(end().toISOString()),
          })}
          required
          min={1}
          max={MINUTES_MAX}
          step={15}
          maw={340}
          value={minutes}
          onChange={setMinutes}
        />
        {begin.error ? <Problem error={begin.error} /> : null}
        <Group>
          <Button type="submit" color="red" loading={begin.isPending}>
            {act}
          </Button>
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
