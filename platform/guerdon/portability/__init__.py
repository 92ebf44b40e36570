"""A brand taken away whole: exported, proved, applied elsewhere; and removed, with proof."""
