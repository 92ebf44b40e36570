import { Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { TenantMeter, TenantPlan } from "@/api/types.gen";
import { meterName } from "@/features/plan/words";
import { t } from "@/i18n";
import { callPlatform } from "@/lib/http";
import { done } from "@/ui/notices";
import { Problem } from "@/ui/Problem";
import { endOf, Reason } from "./Reason";

const MB = 1_000_000;

/** `plan`: as the plan has it; `none`: without a limit; `own`: a limit of this tenant's. */
interface Choice {
  kind: "plan" | "none" | "own";
  value: number | string;
}

const unit = (meter: string) => (meter === "storage" ? MB : 1);

function choiceOf(one: TenantMeter): Choice {
  const value = one.limit === null ? "" : one.limit / unit(one.meter);
  return { kind: !one.own ? "plan" : one.limit === null ? "none" : "own", value };
}

/** Puts a tenant on a plan, with limits of its own over it. */
export function PlanForm({
  slug,
  plan,
  close,
}: {
  slug: string;
  plan: TenantPlan;
  close: () => void;
}) {
  const queries = useQueryClient();
  const [key, setKey] = useState(plan.plan);
  const [choices, setChoices] = useState<Record<string, Choice>>(() =>
    Object.fromEntries(plan.meters.map((one) => [one.meter, choiceOf(one)])),
  );
  const set = (meter: string, more: Partial<Choice>) =>
    setChoices((all) => ({
      ...all,
      [meter]: { ...(all[meter] ?? { kind: "plan", value: "" }), ...more },
    }));
  const [reason, setReason] = useState("");
  const [days, setDays] = useState<number | string>("");
  const changed = (one: TenantMeter) => {
    const [before, after] = [choiceOf(one), choices[one.meter]];
    return before.kind !== after?.kind || before.value !== after.value;
  };
  const save = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      callPlatform<TenantPlan>("POST", `/tenants/${slug}/plan`, {
        body: {
          plan: key,
          quotas: plan.meters.flatMap((one) => {
            const choice = choices[one.meter];
            if (!choice || choice.kind === "plan") return [];
            const limit = Math.round(Number(choice.value || 0) * unit(one.meter));
            return [
              {
                meter: one.meter,
                limit: choice.kind === "none" ? null : limit,
                // What a limit does beyond it stays as it was agreed.
                policy: one.own ? one.policy : null,
                // An end is that of what is changed here; the others keep theirs.
                until: changed(one) ? endOf(days) : one.until,
              },
            ];
          }),
          reason,
        },
      }),
    onSuccess: (told) => {
      queries.setQueryData(["platform", "plan", slug], told);
      done(t("It holds within a second."));
      close();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          {t("It stands in the brand's trail and in ours. Nothing that is there goes.")}
        </Text>
        <Select
          label={t("Plan")}
          allowDeselect={false}
          maw={280}
          value={key}
          onChange={(value) => setKey(value ?? plan.plan)}
          data={plan.plans.map((one) => ({ value: one.key, label: one.title }))}
        />
        {plan.meters.map((one) => {
          const name = one.meter === "storage" ? t("Storage in megabytes") : meterName(one.meter);
          const choice = choices[one.meter] ?? choiceOf(one);
          return (
            <Group key={one.meter} align="flex-end" gap="sm">
              <Select
                label={name}
                allowDeselect={false}
                w={220}
                value={choice.kind}
                onChange={(kind) => set(one.meter, { kind: (kind ?? "plan") as Choice["kind"] })}
                data={[
                  { value: "plan", label: t("As the plan has it") },
                  { value: "none", label: t("Without a limit") },
                  { value: "own", label: t("A limit of its own") },
                ]}
              />
              {choice.kind === "own" ? (
                <NumberInput
                  aria-label={t("Limit: {name}", { name })}
                  required
                  min={0}
                  allowDecimal={false}
                  thousandSeparator=" "
                  w={180}
                  value={choice.value}
                  onChange={(value) => set(one.meter, { value })}
                />
              ) : null}
            </Group>
          );
        })}
        <Reason
          reason={reason}
          setReason={setReason}
          {...(plan.meters.some((one) => changed(one) && choices[one.meter]?.kind !== "plan")
            ? { days, setDays }
            : {})}
        />
        {save.error ? <Problem error={save.error} /> : null}
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t("Save plan and limits")}
          </Button>
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
