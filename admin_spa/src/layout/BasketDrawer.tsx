import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { useGo } from "@/app/links";
import { useBasket } from "@/basket/useBasket";
import { t } from "@/i18n";
import { EmptyState } from "@/ui/EmptyState";

/** The basket opened: what it holds, in words. */
export function BasketDrawer() {
  const basket = useBasket();
  const go = useGo();
  return (
    <Drawer
      opened={basket.opened}
      onClose={basket.close}
      title={t("Change basket")}
      closeButtonProps={{ "aria-label": t("Close") }}
    >
      {basket.changeSet?.edits.length ? (
        <Stack>
          {basket.changeSet.edits.map((edit) => (
            <Text key={edit.path} size="sm">
              {edit.words}
            </Text>
          ))}
          <Group justify="flex-end">
            <Button
              onClick={() => {
                basket.close();
                void go(`/changes/${basket.id}`);
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
