/** The colours that follow from the brand's, their contrasts, and the site with them. */

import { SegmentedControl, Table, Text } from "@mantine/core";
import { CircleCheck, CircleX } from "lucide-react";
import { useState } from "react";
import { t, tx } from "@/i18n";
import { formatNumber } from "@/i18n/formats";
import { Scroller } from "@/ui/Scroller";
import { Effect } from "../Effect";
import { type BrandingEffect, type Contrast, useEffectOf } from "../effects";
import type { SectionForm } from "../form/section";
import { painted } from "../tiers/picture";
import classes from "./branding.module.css";
import { SitePreview } from "./SitePreview";
import { Specimen } from "./Specimen";

type SchemeName = "light" | "dark";

export function BrandingDrawing({ form }: { form: SectionForm }) {
  const [scheme, setScheme] = useState<SchemeName>("light");
  const query = useEffectOf<BrandingEffect>("branding");
  const schemes = (
    <SegmentedControl
      size="xs"
      value={scheme}
      onChange={(next) => setScheme(next as SchemeName)}
      aria-label={t("Colour scheme of the drawing")}
      data={[
        { value: "light", label: t("Light") },
        { value: "dark", label: t("Dark") },
      ]}
    />
  );
  return (
    <>
      <Effect title={t("Colours that follow")} query={query} actions={schemes}>
        {(effect) => (
          <>
            <Moved effect={effect} />
            <Specimen
              tokens={effect[scheme].tokens}
              form={form}
              pointsName={effect.pointsName}
              scheme={scheme}
            />
          </>
        )}
      </Effect>
      <SitePreview />
      <Effect
        title={t("Contrast")}
        lead={t("Measured as WCAG 2.2 does: 4.5 for texts, 3 for controls.")}
        query={query}
        flush
      >
        {(effect) => (
          <Contrasts tokens={effect[scheme].tokens} contrasts={effect[scheme].contrasts} />
        )}
      </Effect>
    </>
  );
}

function Moved({ effect }: { effect: BrandingEffect }) {
  if (!effect.moved) {
    return (
      <Text size="sm" mb="md" role="status">
        {t("{colour} can be read as it is: {ratio} to 1 on the page.", {
          colour: effect.colour,
          ratio: formatNumber(effect.chosen.ratio),
        })}
      </Text>
    );
  }
  return (
    <Text size="sm" mb="md" role="status" component="div">
      {tx(
        "{colour} has {ratio} to 1 on the page, or carries no text; {moved} is the nearest that can be read and is used instead.",
        {
          colour: <Swatch colour={effect.colour} />,
          ratio: formatNumber(effect.chosen.ratio),
          moved: <Swatch colour={effect.moved} />,
        },
      )}
    </Text>
  );
}

function Swatch({ colour }: { colour: string }) {
  return (
    <span className={classes.swatchWord}>
      <span className={classes.dot} ref={painted(colour)} />
      <code>{colour}</code>
    </span>
  );
}

function Contrasts({
  tokens,
  contrasts,
}: {
  tokens: Record<string, string>;
  contrasts: Contrast[];
}) {
  return (
    <Scroller label={t("Contrast")} minWidth={420}>
      <Table className={classes.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("What")}</Table.Th>
            <Table.Th>{t("On what")}</Table.Th>
            <Table.Th className={classes.number}>{t("Contrast")}</Table.Th>
            <Table.Th className={classes.number}>{t("Needed")}</Table.Th>
            <Table.Th>
              <span className="visually-hidden">{t("Met")}</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {contrasts.map((one) => (
            <Table.Tr key={`${one.ink} ${one.ground}`} data-pair={`${one.ink} ${one.ground}`}>
              <Table.Td>
                <span className={classes.swatchWord}>
                  <span className={classes.dot} ref={painted(tokens[one.ink] ?? "")} />
                  {tokenWords(one.ink)}
                </span>
              </Table.Td>
              <Table.Td>
                <span className={classes.swatchWord}>
                  <span className={classes.dot} ref={painted(tokens[one.ground] ?? "")} />
                  {tokenWords(one.ground)}
                </span>
              </Table.Td>
              <Table.Td className={classes.number}>
                {formatNumber(one.ratio, { minimumFractionDigits: 2 })}
              </Table.Td>
              <Table.Td className={classes.number}>{formatNumber(one.needed)}</Table.Td>
              <Table.Td>
                {one.ratio >= one.needed ? (
                  <CircleCheck size={16} color="var(--positive)" aria-label={t("met")} />
                ) : (
                  <CircleX size={16} color="var(--danger)" aria-label={t("not met")} />
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Scroller>
  );
}

function tokenWords(token: string): string {
  switch (token) {
    case "text":
      return t("Body text");
    case "muted":
      return t("Quiet text");
    case "surface":
      return t("Page's ground");
    case "raised":
      return t("Card's ground");
    case "sunken":
      return t("Sunken ground");
    case "accent":
      return t("Button's ground");
    case "accent-text":
      return t("Button's text");
    case "accent-ink":
      return t("Link's text");
    case "accent-soft":
      return t("Soft accent");
    case "control":
      return t("Border of a control");
    case "focus":
      return t("Focus ring");
    case "deep":
      return t("Deep ground");
    case "deep-text":
      return t("Text on deep ground");
    case "deep-muted":
      return t("Quiet text on deep ground");
    case "positive":
      return t("Good news");
    case "positive-soft":
      return t("Ground of good news");
    case "warning":
      return t("Warning text");
    case "warning-soft":
      return t("Ground of a warning");
    case "danger":
      return t("Error text");
    case "danger-soft":
      return t("Ground of an error");
    default:
      return token;
  }
}
