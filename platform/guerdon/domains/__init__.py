"""A brand's own domains for its member site: claimed, proved, chosen, given up."""
