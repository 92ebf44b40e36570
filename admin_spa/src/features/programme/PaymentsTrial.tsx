import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import type { AccountTrial } from "@/api/types.gen";
import { Go } from "@/app/links";
import { useBrand, useMe } from "@/app/me";
import { t } from "@/i18n";
import { call } from "@/lib/http";
import { Card } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { State } from "@/ui/Values";

/** The account of the provider that is chosen: where its keys are kept, and whether they work. */
export function PaymentsTrial({ title, provider }: { title: string; provider: string }) {
  const brand = useBrand();
  const { may } = useMe();
  const trial = useMutation({
    mutationFn: () => call<AccountTrial>("POST", `/${brand}/accounts/payments.${provider}/test`),
    meta: { shown: true },
  });
  return (
    <Card title={title}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm" c="var(--muted)">
          {t("Keys are kept apart from parameters: they can be replaced and tried, never read.")}
        </Text>
        {provider !== "none" && may("secrets:write") ? (
          <Group gap="sm">
            <Button
              variant="default"
              size="sm"
              loading={trial.isPending}
              leftSection={<PlugZap size={14} aria-hidden />}
              onClick={() => trial.mutate()}
            >
              {t("Test the connection")}
            </Button>
            <span aria-live="polite">{trial.data ? <Outcome of={trial.data} /> : null}</span>
          </Group>
        ) : null}
        {trial.error ? <Problem error={trial.error} /> : null}
        {may("secrets:read") ? (
          <Go to="/integrations/secrets" size="sm">
            {t("Keep and replace the keys")}
          </Go>
        ) : (
          <Text size="sm">{t("People who keep secrets can test the connection.")}</Text>
        )}
      </Stack>
    </Card>
  );
}

function Outcome({ of: trial }: { of: AccountTrial }) {
  switch (trial.outcome) {
    case "works":
      return <State tone="positive">{t("It works")}</State>;
    case "refused":
      return <State tone="danger">{t("Refused: replace the keys")}</State>;
    case "incomplete":
      return (
        <State tone="warning">{t("A key is missing, or this provider is not published")}</State>
      );
    default:
      return <State tone="warning">{t("No answer; try again in a minute")}</State>;
  }
}
