"""Forms as browsers send them: text fields of bounded length, nothing else."""

from uuid import UUID

from guerdon.kit.errors import InvalidError
from guerdon.member_web.web import WebRequest

_LENGTH_MAX = 2000
_FIELDS_MAX = 100


class Form:
    """The fields of one form. A missing field is empty; a file is refused."""

    def __init__(self, fields: dict[str, str]) -> None:
        self._fields = fields

    def text(self, name: str, default: str = "") -> str:
        """A field's text without spaces around it."""
        return self._fields.get(name, default).strip()

    def secret(self, name: str) -> str:
        """A field's text exactly as it was typed: a password."""
        return self._fields.get(name, "")

    def checked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self._fields.get(name))

    def id(self, name: str) -> UUID:
        """An id; InvalidError if it is none."""
        try:
            return UUID(self.text(name))
        except ValueError as error:
            raise InvalidError("This is no id.", field=name) from error

    def number(self, name: str) -> int:
        """A whole number; InvalidError if it is none."""
        text = self.text(name)
        if not text.isascii() or not text.isdigit() or len(text) > 15:
            raise InvalidError("This is no whole number.", field=name)
        return int(text)


async def read_form(request: WebRequest) -> Form:
    """The form in the request's body; InvalidError for what no form of ours sends."""
    data = await request.form()
    fields: dict[str, str] = {}
    for name, value in data.multi_items():
        if not isinstance(value, str) or len(value) > _LENGTH_MAX or "\x00" in value:
            raise InvalidError("A field of the form cannot be read.", field=str(name)[:60])
        fields.setdefault(str(name), value)
    if len(fields) > _FIELDS_MAX:
        raise InvalidError("The form has too many fields.")
    return Form(fields)
