import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useGo } from "@/app/links";
import { useBrand } from "@/app/me";
import { actOnChangeSet } from "@/basket/api";
import { EditList, FindingLine } from "@/basket/EditList";
import { StateBadge } from "@/basket/labels";
import { useChangeSetNews } from "@/basket/news";
import { useBasket } from "@/basket/useBasket";
import { t, tn } from "@/i18n";
import { useConfirm } from "@/ui/Confirm";
import { EmptyState } from "@/ui/EmptyState";
import { done } from "@/ui/notices";

/** The basket opened: what it holds, in words, and where it leads. */
export function BasketDrawer() {
  const basket = useBasket();
  const brand = useBrand();
  const go = useGo();
  const confirm = useConfirm();
  const news = useChangeSetNews();
  const set = basket.changeSet;
  const discard = useMutation({
    mutationFn: (id: string) => actOnChangeSet(brand, id, "discard"),
    onSuccess: (fresh) => {
      news(fresh);
      basket.choose(null);
      basket.close();
      done(t("The changes are thrown away. What is in force stays as it is."));
    },
  });
  const throwAway = async () => {
    if (!set) return;
    const sure = await confirm({
      title: t("Throw these changes away?"),
      consequence: tn(
        "{n} change is lost. What is in force stays as it is.",
        "{n} changes are lost. What is in force stays as it is.",
        set.edits.length,
      ),
      act: t("Throw away"),
      danger: true,
    });
    if (sure) discard.mutate(set.id);
  };
  const edits = set?.edits ?? [];
  const elsewhere = (set?.findings ?? []).filter((f) => !edits.some((e) => e.path === f.path));
  return (
    <Drawer
      opened={basket.opened}
      onClose={basket.close}
      size={480}
      title={
        <Text component="span" fw={620} fz="lg">
          {t("Change basket")}
        </Text>
      }
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      {set && edits.length ? (
        <Stack gap="lg">
          <div>
            <Group gap="xs">
              <Text fw={600}>{set.title}</Text>
              <StateBadge state={set.state} />
            </Group>
            <Text size="sm" c="var(--muted)">
              {basket.saving ? t("Saving …") : t("Nothing of this is live until it is published.")}
            </Text>
          </div>
          <EditList
            edits={edits}
            findings={set.findings}
            onRevert={basket.revert}
            onGo={basket.close}
          />
          {elsewhere.map((f) => (
            <FindingLine key={f.path + f.code} finding={f} place />
          ))}
          <Group justify="space-between">
            <Button variant="subtle" color="red" onClick={() => void throwAway()}>
              {t("Throw away")}
            </Button>
            <Button
              onClick={async () => {
                await basket.flush();
                basket.close();
                await go(`/changes/${set.id}`);
              }}
            >
              {t("Review and submit")}
            </Button>
          </Group>
        </Stack>
      ) : (
        <EmptyState title={t("The basket is empty")}>
          {t(
            "Change a setting on any screen of the programme: it is collected here until you submit it.",
          )}
        </EmptyState>
      )}
    </Drawer>
  );
}
