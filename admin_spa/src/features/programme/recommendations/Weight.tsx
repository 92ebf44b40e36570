/** A weight as a slider with its number, and the share that it comes to as a bar. */

import { NumberInput, Slider, Switch, Text } from "@mantine/core";
import { memo, startTransition, useRef, useState } from "react";
import { useBasket } from "@/basket/useBasket";
import { t } from "@/i18n";
import { formatPercent } from "@/i18n/formats";
import type { Share } from "../effects";
import { putOrRevert } from "../form/Fields";
import { useForm } from "../form/section";
import classes from "./recommendations.module.css";
import { WHOLE } from "./shares";
import type { Moving } from "./useShares";

// Keys that follow each other faster than this are one change.
const PAUSE_MS = 250;

export const Weight = memo(function Weight({
  path,
  name,
  onDrag,
  disabled = false,
}: {
  path: string;
  name: string;
  /** While it is moved, before it is put into the basket. */
  onDrag?: (moving: Moving | null) => void;
  disabled?: boolean;
}) {
  const form = useForm();
  const basket = useBasket();
  const kept = Number(form.at(path) ?? 0);
  const before = form.before(path);
  const [moving, setMoving] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const shown = moving ?? kept;
  const move = (weight: number) => {
    setMoving(weight);
    onDrag?.({ path, weight });
  };
  const put = (weight: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(
      () =>
        startTransition(() => {
          setMoving(null);
          onDrag?.(null);
          if (weight !== kept) putOrRevert(basket, before, path, weight);
        }),
      PAUSE_MS,
    );
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
        onChange={move}
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
          if (typeof next !== "number" || next === shown) return;
          move(next);
          put(next);
        }}
      />
    </div>
  );
});

/** A switch that turns at once, and tells the basket when there is time. */
export const Toggle = memo(function Toggle({
  path,
  label,
  name,
  disabled = false,
}: {
  path: string;
  /** Shown beside it; without, `name` is read out. */
  label?: string;
  name: string;
  disabled?: boolean;
}) {
  const form = useForm();
  const basket = useBasket();
  const kept = form.at(path) !== false;
  const before = form.before(path);
  const [turned, setTurned] = useState<boolean | null>(null);
  return (
    <Switch
      size="sm"
      {...(label === undefined ? { "aria-label": name } : { label })}
      data-path={path}
      checked={turned ?? kept}
      disabled={disabled}
      onChange={(e) => {
        const next = e.currentTarget.checked;
        setTurned(next);
        startTransition(() => {
          putOrRevert(basket, before, path, next);
          setTurned(null);
        });
      }}
    />
  );
});

/** A share as a bar and a number; with `full`, the bar is as long as the share is of that. */
export const ShareBar = memo(function ShareBar({
  of: share,
  full = WHOLE,
}: {
  of: Share | undefined;
  full?: number;
}) {
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
});

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
