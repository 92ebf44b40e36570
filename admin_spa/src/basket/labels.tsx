/** Change sets in words: states, risks, sections, values. */

import { ColorSwatch, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { t, td } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { MENU } from "@/layout/menu";
import { State, type Tone } from "@/ui/Values";
import type { ChangeSetState, Person, Risk } from "./types";

const TONES: Record<ChangeSetState, Tone> = {
  draft: "neutral",
  in_review: "info",
  returned: "warning",
  approved: "accent",
  scheduled: "accent",
  published: "positive",
  superseded: "neutral",
  discarded: "neutral",
};

export function stateName(state: ChangeSetState): string {
  switch (state) {
    case "draft":
      return t("Draft");
    case "in_review":
      return t("In review");
    case "returned":
      return t("Returned");
    case "approved":
      return t("Approved");
    case "scheduled":
      return t("Scheduled");
    case "published":
      return t("In force");
    case "superseded":
      return t("Superseded");
    case "discarded":
      return t("Discarded");
  }
}

export function StateBadge({ state }: { state: ChangeSetState }) {
  return <State tone={TONES[state]}>{stateName(state)}</State>;
}

export function riskName(risk: Risk): string {
  if (risk === "high") return t("High risk");
  if (risk === "medium") return t("Medium risk");
  return t("Low risk");
}

export function RiskBadge({ risk }: { risk: Risk }) {
  const tone: Tone = risk === "high" ? "danger" : risk === "medium" ? "warning" : "neutral";
  return <State tone={tone}>{riskName(risk)}</State>;
}

/** Somebody's name; what acted by itself has one, too. */
export function personName(person: Person): string {
  if (person.id === "cli") return t("the command line");
  if (person.id === "system") return t("the system");
  return person.name || t("somebody who left");
}

/** The title of the section that a path lies in. */
export function sectionName(path: string): string {
  const name = path.split(/[.[]/)[0] ?? path;
  const screens = MENU.flatMap((item) => [item, ...(item.children ?? [])]);
  const found = screens.find((item) => item.to === `/programme/${name}`);
  if (found) return td(found.title);
  if (name === "programme") return t("Programme");
  if (name === "integrations") return t("Integrations");
  return name;
}

/** Where a parameter is edited: its section's screen, at the field. */
export function fieldAddress(path: string): string {
  const [section = "", ...rest] = path.split(".");
  return `/programme/${section}${rest.length ? `#${encodeURIComponent(rest.join("."))}` : ""}`;
}

const COLOUR = /^#[0-9a-f]{6}$/i;
const SHOWN_MAX = 120;

/** A parameter's value for reading. */
export function shownValue(value: unknown): ReactNode {
  if (value === undefined || value === null || value === "") return <i>{t("nothing")}</i>;
  if (typeof value === "boolean") return value ? t("on") : t("off");
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") {
    if (!COLOUR.test(value)) return value;
    return (
      <Group gap={6} component="span" display="inline-flex" style={{ verticalAlign: "middle" }}>
        <ColorSwatch color={value} size={14} component="span" aria-hidden />
        {value}
      </Group>
    );
  }
  const text = JSON.stringify(value);
  return <code>{text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text}</code>;
}
