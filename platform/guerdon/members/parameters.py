"""What members are asked to agree to."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from guerdon.parameters.sections import Area, Finding, Section, Texts, field_meta


class Purpose(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One use of a member's data that they may allow or not."""

    key: Annotated[str, Meta(title="Key", pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    title: Annotated[Texts, Meta(title="Name per language")]
    text: Annotated[Texts, Meta(title="Text per language")]
    version: Annotated[str, Meta(title="Version of the text", min_length=1, max_length=40)] = "1"


_MAIL = Purpose(
    key="offers_mail",
    title={"en": "Offers by e-mail", "pt-BR": "Ofertas por e-mail", "es": "Ofertas por correo"},
    text={
        "en": "Send me offers and news of the programme by e-mail. I can stop this at any time.",
        "pt-BR": "Quero receber ofertas e novidades do programa por e-mail."
        " Posso cancelar quando quiser.",
        "es": "Quiero recibir ofertas y novedades del programa por correo."
        " Puedo cancelarlo cuando quiera.",
    },
)
_SMS = Purpose(
    key="offers_sms",
    title={"en": "Offers by SMS", "pt-BR": "Ofertas por SMS", "es": "Ofertas por SMS"},
    text={
        "en": "Send me offers by SMS. I can stop this at any time.",
        "pt-BR": "Quero receber ofertas por SMS. Posso cancelar quando quiser.",
        "es": "Quiero recibir ofertas por SMS. Puedo cancelarlo cuando quiera.",
    },
)


class MemberParameters(Section, frozen=True):
    """Consents that are asked for, one per purpose."""

    section: ClassVar[str] = "members"
    title: ClassVar[str] = "Members"
    area: ClassVar[Area] = "brand"

    purposes: Annotated[
        tuple[Purpose, ...],
        field_meta(
            "Consents",
            "What members may agree to, each with the version of its text.",
            risk="medium",
            max_length=12,
        ),
    ] = (_MAIL, _SMS)

    def check(self) -> Iterator[Finding]:
        """Keys are unique and none is one of the programme's own."""
        for i, purpose in enumerate(self.purposes):
            if purpose.key in {"terms", "profiling", *(p.key for p in self.purposes[:i])}:
                yield Finding(
                    f"members.purposes[{i}].key",
                    "duplicate_key",
                    "The key %(key)s is used already.",
                    params={"key": purpose.key},
                )

    def purpose(self, key: str) -> Purpose | None:
        """The purpose with this key."""
        return next((p for p in self.purposes if p.key == key), None)
