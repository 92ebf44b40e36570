/** The console's look: one accent, quiet surfaces, figures that line up. */

import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const guerdon: MantineColorsTuple = [
  "#e6f6f3",
  "#cfe9e4",
  "#a3d3ca",
  "#70bbae",
  "#46a596",
  "#219283",
  "#0f8173",
  "#0b6e63",
  "#085a51",
  "#04463f",
];

// The library's greys with a trace of our own hue, from text to the deepest ground.
const dark: MantineColorsTuple = [
  "#e7eceb",
  "#c3cccb",
  "#9aa6a5",
  "#7d8988",
  "#3a4445",
  "#2a3132",
  "#1d2324",
  "#171c1d",
  "#101415",
  "#0b0e0f",
];

export const theme = createTheme({
  colors: { guerdon, dark },
  primaryColor: "guerdon",
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  headings: {
    fontWeight: "620",
    sizes: {
      h1: { fontSize: "1.5rem", lineHeight: "1.25" },
      h2: { fontSize: "1.125rem", lineHeight: "1.35" },
      h3: { fontSize: "1rem", lineHeight: "1.4" },
    },
  },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    Anchor: { defaultProps: { underline: "hover" } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 300 } },
    Modal: { defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.4 } } },
    Drawer: { defaultProps: { position: "right", overlayProps: { backgroundOpacity: 0.25 } } },
    NumberInput: { defaultProps: { hideControls: true } },
  },
});

/** The component library's soft colours are too pale to read; these are the same as ours. */
const READABLE = Object.fromEntries(
  Object.entries({
    red: "danger",
    orange: "warning",
    yellow: "warning",
    green: "positive",
    blue: "info",
    guerdon: "accent",
  }).flatMap(([colour, meaning]) => [
    [`--mantine-color-${colour}-light`, `var(--${meaning}-soft)`],
    [`--mantine-color-${colour}-light-color`, `var(--${meaning})`],
    [`--mantine-color-${colour}-text`, `var(--${meaning})`],
  ]),
);
const FILLED = {
  "--mantine-color-red-filled": "#b3261e",
  "--mantine-color-red-filled-hover": "#931f18",
  "--mantine-color-green-filled": "#18703a",
};

/** Colours by meaning; components use these and no raw colour. */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...READABLE,
    ...FILLED,
    "--surface": "#f7f8f8",
    "--raised": "#ffffff",
    "--sunken": "#eff1f1",
    "--line": "#e2e5e5",
    "--text": "#16201f",
    "--muted": "#586463",
    "--accent": "#0b6e63",
    "--accent-soft": "#e6f3f1",
    "--positive": "#18703a",
    "--positive-soft": "#e6f4ea",
    "--warning": "#8a5300",
    "--warning-soft": "#fdf1dc",
    "--danger": "#b3261e",
    "--danger-soft": "#fdecea",
    "--info": "#2b57a5",
    "--info-soft": "#e9f0fb",
    "--focus": "#0b6e63",
    "--mantine-color-body": "#ffffff",
    "--mantine-color-text": "#16201f",
    "--mantine-color-dimmed": "#586463",
    "--mantine-color-error": "#b3261e",
    "--mantine-color-placeholder": "#6b7776",
  },
  dark: {
    ...READABLE,
    ...FILLED,
    "--surface": "#101415",
    "--raised": "#171c1d",
    "--sunken": "#0b0e0f",
    "--line": "#2a3132",
    "--text": "#e7eceb",
    "--muted": "#9aa6a5",
    "--accent": "#5cc4b4",
    "--accent-soft": "#12302c",
    "--positive": "#6fce8f",
    "--positive-soft": "#12301c",
    "--warning": "#eebb66",
    "--warning-soft": "#352507",
    "--danger": "#ff8f86",
    "--danger-soft": "#3b1614",
    "--info": "#8fb6f5",
    "--info-soft": "#15243d",
    "--focus": "#5cc4b4",
    "--mantine-color-body": "#171c1d",
    "--mantine-color-text": "#e7eceb",
    "--mantine-color-dimmed": "#9aa6a5",
    "--mantine-color-error": "#ff8f86",
    "--mantine-color-default": "#1d2324",
    "--mantine-color-default-hover": "#252c2d",
    "--mantine-color-default-border": "#343d3e",
    "--mantine-color-placeholder": "#8a9695",
  },
});
