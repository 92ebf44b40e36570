"""The list of all parameter sections, handed to the generic core."""

from guerdon.parameters.sections import Section

SECTIONS: tuple[type[Section], ...] = ()
