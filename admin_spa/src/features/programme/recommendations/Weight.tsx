/** A weight as a slider with its number, and the share that it comes to as a bar. */

import { NumberInput, Slider, Text } from "@mantine/core";
import { useState } from "react";
import { useBasket } from "@/basket/useBasket";
import { t } from "@/i18n";
import { formatPercent } from "@/i18n/formats";
import type { Share } from "../effects";
import { putOrRevert } from "../form/Fields";
import { useForm } from "../form/section";
import classes from "./recommendations.module.css";
import { WHOLE } from "./shares";

export function Weight({
  path,
  name,
  onDrag,
  disabled = false,
}: {
  path: string;
  name: string;
  /** While it is moved, before it is put into the basket. */
  onDrag?: (weight: number | null) => void;
  disabled?: boolean;
}) {
  const form = useForm();
  const basket = useBasket();
  const kept = Number(form.at(path) ?? 0);
  const [moving, setMoving] = useState<number | null>(null);
  const shown = moving ?? kept;
  const put = (weight: number) => {
    setMoving(null);
    onDrag?.(null);
    if (weight !== kept) putOrRevert(basket, form.before(path), path, weight);
  };
  return (
    <div className={classes.weight} data-own data-edited={basket.isEdited(path) || undefined}>
      <Slider
        className={classes.slider}
        value={shown}
        min={0}
        max={100}
        label={null}
        size="sm"
        disabled={disabled}
        thumbLabel={t("Weight of {name}", { name })}
        onChange={(next) => {
          setMoving(next);
          onDrag?.(next);
        }}
        onChangeEnd={put}
      />
      <NumberInput
        className={classes.weightNumber}
        size="xs"
        value={shown}
        min={0}
        max={100}
        allowDecimal={false}
        clampBehavior="strict"
        disabled={disabled}
        aria-label={t("Weight of {name} as a number", { name })}
        data-path={path}
        onChange={(next) => {
          if (typeof next === "number" && next !== shown) put(next);
        }}
      />
    </div>
  );
}

/** A share as a bar and a number; with `full`, the bar is as long as the share is of that. */
export function ShareBar({ of: share, full = WHOLE }: { of: Share | undefined; full?: number }) {
  if (!share) return null;
  const ratio = share.share / WHOLE;
  return (
    <div className={classes.share} data-share={share.key}>
      <span className={classes.track} aria-hidden>
        <span
          className={classes.bar}
          ref={(element) => {
            if (element) element.style.width = `${Math.min(100, (share.share / full) * 100)}%`;
          }}
        />
      </span>
      <Text
        span
        size="sm"
        className={`${classes.shareNumber} figures`}
        c={share.share ? undefined : "var(--muted)"}
      >
        {share.state === "live"
          ? formatPercent(ratio, ratio < 0.01 ? 3 : 1)
          : stateWords(share.state)}
      </Text>
    </div>
  );
}

function stateWords(state: Share["state"]): string {
  switch (state) {
    case "off":
      return t("off");
    case "not_yet":
      return t("not yet");
    case "over":
      return t("ended");
    default:
      return t("never chosen");
  }
}
