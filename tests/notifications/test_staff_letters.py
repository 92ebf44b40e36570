"""Letters to the people who work for a brand: whole, escaped, in their language."""

from datetime import UTC, datetime

import pytest
from tests.notifications.test_letters import BRAND, formats

from guerdon.identity.staff_letters import StaffLetter
from guerdon.notifications.letters import as_html, as_text
from guerdon.notifications.staff_letters import staff_letter
from guerdon.theming.translations import LANGUAGES, translator

AT = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
CHANGES = (
    "password", "totp", "totp_removed", "passkey", "passkey_removed", "recovery_codes", "roles",
    "something new",
)  # fmt: skip
STATES = (
    ("sandbox", "live"), ("live", "past_due"), ("past_due", "live"), ("past_due", "suspended"),
    ("suspended", "sandbox"), ("live", "closing"), ("closing", "closed"),
)  # fmt: skip
KINDS = [
    ("invitation", ""), ("reset", ""), ("break_glass", ""), ("passkey_blocked", ""),
    *[("access_changed", what) for what in CHANGES],
    ("domain_missing", "kettle.example"), ("domain_lapsed", "kettle.example"),
    ("site_domain_missing", "club.kettle.example"), ("site_domain_lapsed", "club.kettle.example"),
    ("sso_invitation", "Corporate"),
    *[("state_changed", f"{source} {target}") for source, target in STATES],
    ("quota", "members 80 soft 4000 5000"), ("quota", "storage 100 hard 200000000 200000000"),
    ("statement", "2026-10 5900 USD"),
    *[("platform_terms", f"2027-06 {stage}") for stage in ("new", "soon", "due")],
    ("support_asked", "Petra Platform"), ("support_opened", "Petra Platform"),
]  # fmt: skip


def found(kind: str, what: str, language: str) -> StaffLetter:
    return StaffLetter(
        kind=kind, to="ana@staff.example", name="Ana", language=language, about="Rui <b>",
        url="http://admin.localhost/kettle/sign-in/link#0.a", what=what, why="Rui <b>",
        at=AT, expires_at=AT,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("kind", "what"), KINDS)
def test_every_letter_is_whole_and_escaped(kind: str, what: str, language: str) -> None:
    one = found(kind, what, language)
    written = staff_letter(one, t=translator(language), formats=formats(language), brand=BRAND)
    text, html = as_text(written, BRAND), as_html(written, BRAND, language)
    assert "%(" not in text + html + written.subject
    assert (one.url in text) is not what.endswith("closed")
    assert "Rui <b>" not in html
    assert BRAND.name in written.subject


@pytest.mark.parametrize("language", ["pt-BR", "es"])
@pytest.mark.parametrize(("kind", "what"), KINDS)
def test_no_letter_falls_back_to_english(kind: str, what: str, language: str) -> None:
    there = staff_letter(
        found(kind, what, "en"), t=translator("en"), formats=formats("en"), brand=BRAND
    )
    here = staff_letter(
        found(kind, what, language), t=translator(language), formats=formats(language), brand=BRAND
    )
    assert here.heading != there.heading
    assert not set(here.paragraphs) & set(there.paragraphs)
    assert here.action != there.action or what.endswith("closed")
