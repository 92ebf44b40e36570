/** Values as the reader writes them; figures line up. */

import { Badge, type MantineColor, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import {
  formatAgo,
  formatDate,
  formatDateTime,
  formatMoney,
  formatNumber,
  formatPoints,
  type MoneyValue,
  programmeZone,
} from "@/i18n/formats";

/** 12,450 beans; `signed` shows + and −. */
export function Points({ n, signed, bare }: { n: number; signed?: boolean; bare?: boolean }) {
  const text = bare ? formatNumber(n) : formatPoints(n);
  return <span className="figures">{signed && n > 0 ? `+${text}` : text}</span>;
}

/** R$ 1.234,56 from minor units. */
export function Money({ of }: { of: MoneyValue | null | undefined }) {
  return <span className="figures">{of ? formatMoney(of) : "–"}</span>;
}

export function Figure({ n, ...options }: { n: number } & Intl.NumberFormatOptions) {
  return <span className="figures">{formatNumber(n, options)}</span>;
}

/** An instant in the programme's zone; `ago` shows the distance and keeps the instant near. */
export function When({
  at,
  ago,
  dateOnly,
}: {
  at: string | null | undefined;
  ago?: boolean;
  dateOnly?: boolean;
}) {
  if (!at) return <span>–</span>;
  const full = `${formatDateTime(at)} (${programmeZone()})`;
  const shown = ago ? formatAgo(at) : dateOnly ? formatDate(at) : formatDateTime(at);
  return (
    <Tooltip label={full}>
      <time dateTime={at} className="figures">
        {shown}
      </time>
    </Tooltip>
  );
}

export type Tone = "neutral" | "positive" | "warning" | "danger" | "info" | "accent";

const TONES: Record<Tone, MantineColor> = {
  neutral: "gray",
  positive: "green",
  warning: "orange",
  danger: "red",
  info: "blue",
  accent: "guerdon",
};

/** A state in a word; the colour is never the only sign. */
export function State({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  const soft = tone === "neutral" ? "var(--sunken)" : `var(--${tone}-soft)`;
  const text = tone === "neutral" ? "var(--text)" : `var(--${tone})`;
  return (
    <Badge
      variant="light"
      color={TONES[tone]}
      radius="sm"
      tt="none"
      fw={550}
      styles={{ root: { background: soft, color: text } }}
    >
      {children}
    </Badge>
  );
}
