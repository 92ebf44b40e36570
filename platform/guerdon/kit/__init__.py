"""Leaf: ids, clock, money, errors, paging. Imports the standard library and msgspec only."""
