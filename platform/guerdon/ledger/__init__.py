"""Points, in double entry."""
