"""Pictures on pages."""

import msgspec


class Picture(msgspec.Struct, frozen=True):
    """A picture with its true size, so that nothing moves when it arrives."""

    url: str
    alt: str
    width: int = 800
    height: int = 600
