import { Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { TenantFlag, TenantLimit, TenantLimits } from "@/api/types.gen";
import { t } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { callPlatform } from "@/lib/http";
import { done } from "@/ui/notices";
import { Problem } from "@/ui/Problem";
import { endOf, Reason } from "./Reason";
import { flagWords, limitWords } from "./words";

export type Changing = { kind: "limit"; limit: TenantLimit } | { kind: "flag"; flag: TenantFlag };

/** One limit of a tenant, or one thing that is on or off for it; with the reason and an end. */
export function LimitForm({ slug, of, close }: { slug: string; of: Changing; close: () => void }) {
  const queries = useQueryClient();
  const name = of.kind === "limit" ? limitWords(of.limit.name) : flagWords(of.flag.name);
  const [own, setOwn] = useState(of.kind === "limit" ? of.limit.own : !of.flag.on);
  const [value, setValue] = useState<number | string>(of.kind === "limit" ? of.limit.value : 0);
  const [reason, setReason] = useState("");
  const [days, setDays] = useState<number | string>("");
  const save = useMutation({
    meta: { shown: true },
    mutationFn: () => {
      const until = own ? endOf(days) : null;
      return of.kind === "limit"
        ? callPlatform<TenantLimits>("POST", `/tenants/${slug}/limits`, {
            body: { limit: of.limit.name, value: own ? Number(value) : null, until, reason },
          })
        : callPlatform<TenantLimits>("POST", `/tenants/${slug}/flags`, {
            body: { flag: of.flag.name, on: !own, until, reason },
          });
    },
    onSuccess: (told) => {
      queries.setQueryData(["platform", "limits", slug], told);
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
          {t("It takes effect within a second. It stands in the brand's trail and in ours.")}
        </Text>
        <Group align="flex-end" gap="sm">
          <Select
            label={name}
            allowDeselect={false}
            w={260}
            value={own ? "own" : "all"}
            onChange={(kind) => setOwn(kind === "own")}
            data={
              of.kind === "limit"
                ? [
                    {
                      value: "all",
                      label: t("As all others: {limit}", {
                        limit: formatNumber(of.limit.standard),
                      }),
                    },
                    { value: "own", label: t("A limit of its own") },
                  ]
                : [
                    { value: "all", label: t("On") },
                    { value: "own", label: t("Off") },
                  ]
            }
          />
          {of.kind === "limit" && own ? (
            <NumberInput
              aria-label={t("Limit: {name}", { name })}
              required
              min={of.limit.low}
              max={of.limit.high}
              allowDecimal={false}
              thousandSeparator=" "
              w={180}
              value={value}
              onChange={setValue}
            />
          ) : null}
        </Group>
        <Reason reason={reason} setReason={setReason} {...(own ? { days, setDays } : {})} />
        {save.error ? <Problem error={save.error} /> : null}
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t("Save")}
          </Button>
          <Button variant="default" onClick={close}>
            {t("Cancel")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
