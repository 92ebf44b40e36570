"""The list of all parameter sections, handed to the generic core."""
