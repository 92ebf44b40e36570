"""What a letter to one of the brand's people says; its words are made where letters are written."""

from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from guerdon.identity import houses, staff, staff_links
from guerdon.identity.jobs import SendStaffLetter
from guerdon.plumbing.db import ReadSession
from guerdon.settings import Settings


class StaffLetter(msgspec.Struct, frozen=True):
    """A letter to be written. `url`: where its button leads; `about`: the person it tells of."""

    kind: str
    to: str
    name: str
    language: str
    url: str
    about: str = ""
    what: str = ""
    why: str = ""
    at: datetime | None = None
    expires_at: datetime | None = None


_SCREENS: Final = {
    "sso_invitation": "sign-in",
    "domain_missing": "integrations/connections",
    "domain_lapsed": "integrations/connections",
    "state_changed": "brand",
    "quota": "plan",
    "statement": "plan",
    "site_domain_missing": "integrations/domains",
    "site_domain_lapsed": "integrations/domains",
    "support_asked": "support",
    "support_opened": "support",
    "platform_terms": "terms",
}


async def compose(
    s: ReadSession, settings: Settings, m: SendStaffLetter, *, slug: str, now: datetime
) -> StaffLetter | None:
    """The letter, or None: the link was taken back, or the person is no more."""
    to = await staff.find(s, m.staff_id)
    if to is None or to.status in {"removed", "suspended"}:
        return None
    screen = _SCREENS.get(m.kind, "account")
    url, expires_at = f"{houses.url(settings, s.tenant_id)}/{slug}/{screen}", None
    if m.link_id is not None:
        link = await staff_links.good(s, link_id=m.link_id, now=now)
        if link is None:
            return None
        url = staff_links.address(settings, s.tenant_id, slug, link.id)
        expires_at = link.expires_at
    return StaffLetter(
        kind=m.kind,
        to=to.email_norm,
        name=to.name,
        language=to.language,
        url=url,
        about=await _name(s, m.about),
        what=m.what,
        why=m.why,
        at=m.at,
        expires_at=expires_at,
    )


async def _name(s: ReadSession, staff_id: UUID | None) -> str:
    found = await staff.find(s, staff_id) if staff_id else None
    return found.name if found else ""
