import { Button, Group, Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { useBrand } from "@/app/me";
import { t, tn } from "@/i18n";
import { type Simulation, startRun, type Tried, WINDOWS } from "./api";

const OVER = new Set(["published", "superseded", "discarded"]);

/** Choose how far back, and run. */
export function Start({
  changeSet,
  busy,
  started,
}: {
  changeSet: Tried;
  busy: boolean;
  started?: (run: Simulation) => void;
}) {
  const brand = useBrand();
  const queries = useQueryClient();
  const [days, setDays] = useState("30");
  const start = useMutation({
    mutationFn: () => startRun(brand, changeSet.id, Number(days)),
    onSuccess: async (run) => {
      await queries.invalidateQueries({ queryKey: ["simulations", brand, changeSet.id] });
      started?.(run);
    },
  });
  if (OVER.has(changeSet.state)) return null;
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label={t("Events of the last")}
        size="sm"
        w={150}
        allowDeselect={false}
        value={days}
        onChange={(value) => setDays(value ?? "30")}
        data={WINDOWS.map((n) => ({ value: String(n), label: tn("{n} day", "{n} days", n) }))}
      />
      <Button
        leftSection={<FlaskConical size={16} aria-hidden />}
        loading={start.isPending}
        disabled={busy}
        onClick={() => start.mutate()}
      >
        {t("Run the back-test")}
      </Button>
    </Group>
  );
}
