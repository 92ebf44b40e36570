"""Seeing the member site as a draft would make it.

A link carries a token: which change set, until when, signed for one brand. Whoever follows it has
a cookie with the token, and every page is rendered with the draft as it stands at that moment, so
that what one looks at is what would be published. Nothing is stored for it.
"""

import base64
import binascii
import struct
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from guerdon.identity.keyring import encode, mac_text, same
from guerdon.parameters.snapshot import Snapshot
from guerdon.runtime import Runtime
from guerdon.settings import Settings
from guerdon.simulation.drafts import Proposed, proposed, snapshot_of
from guerdon.simulation.errors import NothingProposedError, PreviewLinkError
from guerdon.tiers.parameters import TierParameters

LIFETIME: Final = timedelta(hours=1)
GUEST: Final = "guest"
MEMBER: Final = "member"
_USE: Final = "preview"
_KEPT: Final = 64
_FORMAT: Final = struct.Struct(">16sI")


class Link(msgspec.Struct, frozen=True):
    """A signed token, and until when it works."""

    token: str
    expires_at: datetime


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """The draft that a request sees. `audience`: guest, member, or the key of a tier."""

    token: str
    change_set_id: UUID
    row_version: int
    title: str
    snapshot: Snapshot
    audience: str
    language: str
    expires_at: datetime


class Choice(msgspec.Struct, frozen=True):
    """What the cookie holds: the token, and as whom and in which language one looks."""

    token: str
    audience: str = GUEST
    language: str = ""

    def text(self) -> str:
        """For the cookie."""
        return f"{self.token}~{self.audience}~{self.language}"

    def url(self, path: str) -> str:
        """The address that sets the cookie and goes on to `path`."""
        query = urlencode({"as": self.audience, "language": self.language, "next": path})
        return f"/preview/{self.token}?{query}"

    @classmethod
    def read(cls, text: str) -> "Choice":
        """From the cookie; whatever it holds is looked at later."""
        token, _, rest = text[:400].partition("~")
        audience, _, language = rest.partition("~")
        return cls(token, audience or GUEST, language)


def link(rt: Runtime, *, tenant_id: UUID, draft: Proposed, now: datetime) -> Link:
    """A link's token for one change set of one brand.

    Raises NothingProposedError, InvalidParametersError for a draft that breaks a rule.
    """
    if draft.over:
        raise NothingProposedError
    rt.snapshots.registry.decode(draft.content)
    return sign(rt.settings, tenant_id=tenant_id, change_set_id=draft.change_set_id, now=now)


def sign(settings: Settings, *, tenant_id: UUID, change_set_id: UUID, now: datetime) -> Link:
    """A token that works for an hour."""
    expires_at = (now + LIFETIME).replace(microsecond=0)
    payload = encode(_FORMAT.pack(change_set_id.bytes, int(expires_at.timestamp())))
    return Link(f"{payload}.{mac_text(settings, _USE, tenant_id, payload)}", expires_at)


def opened(
    settings: Settings, *, tenant_id: UUID, token: str, now: datetime
) -> tuple[UUID, datetime]:
    """The change set that a token is for, and until when; PreviewLinkError."""
    payload, _, code = token.partition(".")
    if not code or not same(code, mac_text(settings, _USE, tenant_id, payload)):
        raise PreviewLinkError
    try:
        raw = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        change_set, expires = _FORMAT.unpack(raw)
    except (binascii.Error, struct.error, ValueError) as error:
        raise PreviewLinkError from error
    expires_at = datetime.fromtimestamp(expires, UTC)
    if now >= expires_at:
        raise PreviewLinkError("The time of this preview link is over. Ask for a new one.")
    return UUID(bytes=change_set), expires_at


class Previews:
    """The drafts that this process has shown lately, each made once per state of its change set."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[UUID, UUID, int, int], Snapshot] = OrderedDict()

    async def show(self, rt: Runtime, *, tenant_id: UUID, choice: Choice, now: datetime) -> Shown:
        """The draft as it stands now.

        Raises PreviewLinkError, InvalidParametersError for a draft that breaks a rule.
        """
        change_set_id, expires_at = opened(
            rt.settings, tenant_id=tenant_id, token=choice.token, now=now
        )
        async with rt.db.read(tenant_id) as s:
            draft = await proposed(s, rt.snapshots.registry, change_set_id=change_set_id, now=now)
        if draft.over:
            raise PreviewLinkError("This change is published or discarded: there is no preview.")
        key = (tenant_id, change_set_id, draft.row_version, draft.base_version)
        snapshot = self._kept.get(key)
        if snapshot is None:
            snapshot, _ = snapshot_of(rt.snapshots.registry, tenant_id, draft.content)
            self._kept[key] = snapshot
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return Shown(
            token=choice.token,
            change_set_id=change_set_id,
            row_version=draft.row_version,
            title=draft.title,
            snapshot=snapshot,
            audience=_audience(snapshot, choice.audience),
            language=choice.language,
            expires_at=expires_at,
        )


def audiences(snapshot: Snapshot) -> list[str]:
    """As whom one can look: a guest, or a member of each tier."""
    tiers = [tier.key for tier in snapshot[TierParameters].tiers]
    return [GUEST, *(tiers or [MEMBER])]


def _audience(snapshot: Snapshot, wanted: str) -> str:
    """A tier that the draft does not have any more is its first."""
    known = audiences(snapshot)
    return wanted if wanted in known else known[1]
