"""The command `guerdon`."""
