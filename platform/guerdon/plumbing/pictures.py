"""Pictures from outside are never kept as they came: they are decoded and drawn anew.

What a file carries beside its pixels (positions, comments, second files behind the first) does
not survive that, and what cannot be decoded is no picture.
"""

import io
from typing import Final

import msgspec
from PIL import Image, ImageOps, UnidentifiedImageError

from guerdon.kit.errors import InvalidError
from guerdon.plumbing.files import FILE_BYTES_MAX

SIDE_MAX: Final = 2400
PIXELS_MAX: Final = 40_000_000
_EXTENSIONS: Final = {"PNG": "png", "JPEG": "jpg", "WEBP": "webp"}


class PictureTooLargeError(InvalidError):
    """The file has more bytes or pixels than are taken."""

    code = "picture_too_large"
    status = 413
    title = "The picture is too large"


class NotAPictureError(InvalidError):
    """The file is none of the kinds that are taken."""

    code = "not_a_picture"
    status = 415
    title = "This is not a picture that we can take"


class Drawn(msgspec.Struct, frozen=True):
    """A picture drawn anew: its bytes, its kind, its size in pixels."""

    content: bytes
    extension: str
    width: int
    height: int


def check_size(content: bytes, *, field: str) -> None:
    """Raise PictureTooLargeError above the limit."""
    if len(content) > FILE_BYTES_MAX:
        raise PictureTooLargeError(
            f"A picture has at most {FILE_BYTES_MAX // 1_000_000} MB.",
            field=field,
            limit=FILE_BYTES_MAX,
        )


def redraw(content: bytes, *, field: str) -> Drawn:
    """Decode a PNG, JPEG or WebP and encode it again, upright, at most `SIDE_MAX` a side.

    Takes processor time: call it in a thread. Raises PictureTooLargeError, NotAPictureError.
    """
    check_size(content, field=field)
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_EXTENSIONS)) as source:
            kind = str(source.format)
            if source.width * source.height > PIXELS_MAX:
                raise PictureTooLargeError(
                    f"A picture has at most {PIXELS_MAX // 1_000_000} million pixels;"
                    f" this one has {source.width} × {source.height}.",
                    field=field,
                    limit=PIXELS_MAX,
                )
            upright = ImageOps.exif_transpose(source)
            plain = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except UnidentifiedImageError as error:
        raise NotAPictureError(
            "Pictures are PNG, JPEG, WebP or SVG; this file is something else.", field=field
        ) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotAPictureError(
            f"The picture cannot be read to its end: {error}."[:200], field=field
        ) from error
    plain.thumbnail((SIDE_MAX, SIDE_MAX))
    if kind == "JPEG":
        plain = plain.convert("RGB")
    out = io.BytesIO()
    clean = Image.new(plain.mode, plain.size)
    clean.paste(plain)
    clean.save(out, kind, **({"optimize": True} if kind == "PNG" else {"quality": 88}))
    return Drawn(out.getvalue(), _EXTENSIONS[kind], clean.width, clean.height)
