import { ActionIcon, Button, Indicator } from "@mantine/core";
import { ShoppingBasket } from "lucide-react";
import { useMe } from "@/app/me";
import { useBasket } from "@/basket/useBasket";
import { t, tn } from "@/i18n";

/** The change basket with its count; always in sight for those who may propose. */
export function BasketButton() {
  const basket = useBasket();
  const { may } = useMe();
  if (!may("parameters:propose")) return null;
  const words = basket.count ? tn("{n} change", "{n} changes", basket.count) : t("No changes");
  const label = `${t("Change basket")}: ${words}`;
  return (
    <>
      <Button
        visibleFrom="sm"
        size="sm"
        variant={basket.count ? "filled" : "default"}
        leftSection={<ShoppingBasket size={17} aria-hidden />}
        onClick={basket.open}
        aria-label={label}
        loading={false}
      >
        {words}
      </Button>
      <Indicator hiddenFrom="sm" label={basket.count} size={18} disabled={!basket.count} offset={4}>
        <ActionIcon
          size={40}
          variant={basket.count ? "filled" : "default"}
          onClick={basket.open}
          aria-label={label}
        >
          <ShoppingBasket size={19} />
        </ActionIcon>
      </Indicator>
      <span className="visually-hidden" aria-live="polite">
        {basket.saving ? "" : words}
      </span>
    </>
  );
}
