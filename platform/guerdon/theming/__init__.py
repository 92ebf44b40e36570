"""Design tokens, palettes and themes."""
