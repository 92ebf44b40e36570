import { useComputedColorScheme } from "@mantine/core";

const LIGHT = {
  text: "#16201f",
  muted: "#586463",
  line: "#e2e5e5",
  raised: "#ffffff",
  series: ["#0b6e63", "#c2681b", "#2b57a5", "#8c3f8f", "#6a7a12", "#b3261e"],
  before: "#b9c2c1",
};
const DARK = {
  text: "#e7eceb",
  muted: "#9aa6a5",
  line: "#2a3132",
  raised: "#171c1d",
  series: ["#5cc4b4", "#f0a35e", "#8fb6f5", "#d59ad8", "#c0cf6b", "#ff8f86"],
  before: "#4a5454",
};

/** Colours for drawings, which cannot use CSS variables. */
export function useChartColours(): typeof LIGHT {
  return useComputedColorScheme("light") === "dark" ? DARK : LIGHT;
}
