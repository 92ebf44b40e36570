import { Alert, Progress as Bar, Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { TriangleAlert, X } from "lucide-react";
import { useBrand } from "@/app/me";
import { t, tn } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { atWork, cancelRun, type Simulation } from "./api";
import { errorWords, staleWords } from "./words";

/** How far a run is, why it failed, or that it is out of date. */
export function Progress({ run }: { run: Simulation }) {
  const brand = useBrand();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelRun(brand, run),
    onSettled: () => queries.invalidateQueries({ queryKey: ["simulations", brand] }),
  });
  if (atWork(run)) {
    const percent = run.total ? Math.floor((run.processed / run.total) * 100) : 0;
    const words =
      run.state === "queued"
        ? run.ahead
          ? tn("Waits for {n} other run", "Waits for {n} other runs", run.ahead)
          : t("Starts in a moment")
        : t("{done} of {total} events and members looked at", {
            done: formatNumber(run.processed),
            total: formatNumber(run.total),
          });
    return (
      <Stack gap={6} role="status" aria-live="polite">
        <Group justify="space-between" gap="sm">
          <Text size="sm" className="figures">
            {words}
          </Text>
          <Button
            size="xs"
            variant="default"
            leftSection={<X size={14} aria-hidden />}
            loading={cancel.isPending}
            onClick={() => cancel.mutate()}
          >
            {t("Stop")}
          </Button>
        </Group>
        <Bar
          value={run.state === "queued" ? 100 : percent}
          animated={run.state === "queued"}
          aria-label={t("Progress of the run")}
          color={run.state === "queued" ? "gray" : "guerdon"}
        />
      </Stack>
    );
  }
  if (run.state === "failed") {
    return (
      <Alert color="red" variant="light" icon={<TriangleAlert size={18} aria-hidden />}>
        {errorWords(run)}
      </Alert>
    );
  }
  const stale = staleWords(run);
  if (stale && run.state === "done") {
    return (
      <Alert color="orange" variant="light" icon={<TriangleAlert size={18} aria-hidden />}>
        {stale}
      </Alert>
    );
  }
  if (run.state === "cancelled") return <Text size="sm">{t("This run was stopped.")}</Text>;
  return null;
}
