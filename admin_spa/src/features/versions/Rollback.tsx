import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { EditList } from "@/basket/EditList";
import { useChangeSetNews } from "@/basket/news";
import type { ChangeSet } from "@/basket/types";
import { t, tn } from "@/i18n";
import { call } from "@/lib/http";
import { asProblem } from "@/lib/problem";
import { useConfirm } from "@/ui/Confirm";
import { done } from "@/ui/notices";
import { Card } from "@/ui/Page";
import { Problem } from "@/ui/Problem";
import { useComparison } from "./useComparison";

/** Bring a version back: its content is published as a new version, in one click and a look. */
export function Rollback({ version, current }: { version: number; current: number }) {
  const brand = useBrand();
  const go = useGo();
  const confirm = useConfirm();
  const news = useChangeSetNews();
  const compared = useComparison(current, version);
  const edits = compared.data?.edits ?? [];
  const back = useMutation({
    mutationFn: (review: boolean) =>
      call<ChangeSet>("POST", `/${brand}/versions/${version}/rollback`, { body: { review } }),
    onSuccess: (fresh) => {
      news(fresh);
      done(
        fresh.publishedVersion
          ? t("Version {old} is in force again, as version {n}.", {
              old: version,
              n: fresh.publishedVersion,
            })
          : t("Proposed. Somebody else decides it."),
      );
      void go(fresh.publishedVersion ? "/versions" : `/changes/${fresh.id}`);
    },
    meta: { shown: true },
  });
  const ask = async () => {
    const sure = await confirm({
      title: t("Roll back to version {n}?", { n: version }),
      consequence: (
        <Stack gap="sm">
          <Text size="sm">
            {tn(
              "{n} value goes back, for all members, within a second. What happened meanwhile keeps the rules of its day.",
              "{n} values go back, for all members, within a second. What happened meanwhile keeps the rules of its day.",
              edits.length,
            )}
          </Text>
          <EditList edits={edits} links={false} />
        </Stack>
      ),
      act: t("Roll back"),
    });
    if (sure) back.mutate(false);
  };
  const refused = back.error ? asProblem(back.error).code : "";
  if (compared.data && edits.length === 0) return null;
  return (
    <Card>
      <Group justify="space-between">
        <Text size="sm">
          {t(
            "Bringing it back publishes its content as a new version. Nothing of the history is lost.",
          )}
        </Text>
        <Button onClick={() => void ask()} loading={back.isPending} disabled={!compared.data}>
          {t("Roll back to this version")}
        </Button>
      </Group>
      {back.error ? (
        <Stack mt="md">
          <Problem error={back.error} />
          {["own_change", "approval_needed"].includes(refused) ? (
            <Group>
              <Button variant="default" onClick={() => back.mutate(true)}>
                {t("Propose it instead")}
              </Button>
            </Group>
          ) : null}
        </Stack>
      ) : null}
    </Card>
  );
}
