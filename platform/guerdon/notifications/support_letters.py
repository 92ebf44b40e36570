"""What owners are told when somebody of the platform's support wants to look in, or does."""

from guerdon.identity.staff_letters import StaffLetter
from guerdon.notifications.letters import Brand, Letter
from guerdon.theming.translations import Translator


def support_letter(found: StaffLetter, *, t: Translator, at: str, brand: Brand) -> Letter:
    """Who, why and until when; nothing opens from the letter itself."""
    if found.kind == "support_asked":
        heading = t.text("The platform's support asks to look into %(brand)s", brand=brand.name)
        told = t.text(
            "%(name)s of the platform's support asks for access to your console. You can let them"
            " in until %(until)s; until somebody does, they see nothing.",
            name=found.what, until=at,
        )  # fmt: skip
    else:
        heading = t.text("The platform's support looks into %(brand)s", brand=brand.name)
        told = t.text(
            "%(name)s of the platform's support has access to your console until %(until)s, as"
            " your security settings allow. You can end it at any time.",
            name=found.what, until=at,
        )  # fmt: skip
    return Letter(
        subject=heading,
        heading=heading,
        paragraphs=(told, t.text("The reason they gave: %(reason)s", reason=found.why)),
        action=(t.text("See who and why"), found.url),
        short=heading,
    )
