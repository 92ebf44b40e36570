"""Forms as browsers send them: text fields of bounded length, and a file where one is asked for."""

from litestar.datastructures import UploadFile

from guerdon.kit.errors import InvalidError
from guerdon.platform_web.web import PlatformRequest

_LENGTH_MAX = 2000
_FIELDS_MAX = 40


class Form:
    """The fields of one form. A missing field is empty."""

    def __init__(self, fields: dict[str, str], files: dict[str, UploadFile]) -> None:
        self._fields = fields
        self._files = files

    def text(self, name: str) -> str:
        """A field's text without spaces around it."""
        return self._fields.get(name, "").strip()

    def checked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self._fields.get(name))

    def ticked(self, prefix: str) -> tuple[str, ...]:
        """What stands behind `prefix` in the names of the boxes that were ticked."""
        return tuple(
            name.removeprefix(prefix)
            for name, value in self._fields.items()
            if name.startswith(prefix) and value
        )

    async def file(self, name: str) -> tuple[str, bytes]:
        """A file's name and content; both empty when none was chosen."""
        found = self._files.get(name)
        if found is None:
            return "", b""
        return found.filename[:200], await found.read()


async def read_form(request: PlatformRequest) -> Form:
    """The form in the request's body; InvalidError for what no form of ours sends."""
    fields: dict[str, str] = {}
    files: dict[str, UploadFile] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            files.setdefault(str(name), value)
        elif not isinstance(value, str) or len(value) > _LENGTH_MAX or "\x00" in value:
            raise InvalidError("A field of the form cannot be read.", field=str(name)[:60])
        else:
            fields.setdefault(str(name), value)
    if len(fields) + len(files) > _FIELDS_MAX:
        raise InvalidError("The form has too many fields.")
    return Form(fields, files)
