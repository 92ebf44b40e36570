"""Sending: the log's row says what, the member's record says where to, parameters say whether."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from guerdon.identity import codes
from guerdon.identity.jobs import SendCode
from guerdon.kit.ids import uuid7
from guerdon.members.messages import WelcomeMember
from guerdon.members.queries import member
from guerdon.notifications import notices  # noqa: F401
from guerdon.notifications.expiring import AnnounceExpiriesDue
from guerdon.notifications.letters import Brand, as_html, as_text, code_letter, letter
from guerdon.notifications.messages import SendNotification
from guerdon.notifications.operations import notify
from guerdon.notifications.parameters import NotificationParameters
from guerdon.notifications.port import BadRecipientError, Mail, Sms
from guerdon.notifications.providers.smtp import SmtpSender
from guerdon.notifications.providers.sns import SnsSender
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handler, Job
from guerdon.runtime import Runtime
from guerdon.theming.formats import Formats
from guerdon.theming.looks import points_name
from guerdon.theming.palette import palette
from guerdon.theming.parameters import BrandingParameters
from guerdon.theming.translations import translator


class LogRow(msgspec.Struct, frozen=True):
    """A message to be sent."""

    id: UUID
    kind: str
    channel: str
    member_id: UUID
    subject_id: UUID
    language: str
    values: dict[str, Any]
    state: str


class Sent(msgspec.Struct, frozen=True):
    """What came of sending: a reference, or why it never will arrive."""

    reference: str | None
    failed: str | None = None


async def brand_of(rt: Runtime, snapshot: Snapshot) -> Brand:
    """How the tenant looks in a letter."""
    branding = snapshot[BrandingParameters]
    tenant = await rt.directory.by_id(snapshot.tenant_id)
    light = palette(branding.brand_colour, branding.neutral).light
    programme = snapshot[ProgrammeParameters]
    return Brand(
        slug=tenant.slug,
        name=programme.name,
        url=rt.settings.tenant_url(tenant.canonical_host or rt.settings.base_domain),
        accent=light["accent"],
        on_accent=light["accent-text"],
        support_email=programme.support_email,
    )


def mail(
    rt: Runtime, snapshot: Snapshot, brand: Brand, *, id_: UUID, to: str, name: str, language: str,
    written: Any,
) -> Mail:  # fmt: skip
    return Mail(
        id=id_,
        tenant=brand.slug,
        sender_name=snapshot[NotificationParameters].sender_name or brand.name,
        sender=rt.settings.mail_from,
        to=to,
        to_name=name,
        reply_to=brand.support_email,
        subject=written.subject,
        text=as_text(written, brand),
        html=as_html(written, brand, language),
        language=language,
    )


class Send(Job[SendNotification, Mail | Sms, Sent]):
    """One message of the log."""

    message = SendNotification

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: SendNotification, now: datetime
    ) -> Mail | Sms | None:
        row = await s.one(
            LogRow,
            """
            SELECT id, kind, channel, member_id, subject_id, language, "values", state
              FROM app.message_log WHERE tenant_id = %(tenant_id)s AND id = %(id)s
            """,
            {"id": m.log_id},
        )
        if row.state != "queued":
            return None
        snapshot = await rt.snapshot(s.tenant_id, now)
        wanted = snapshot[NotificationParameters]
        if row.kind not in (wanted.mail if row.channel == "mail" else wanted.sms):
            await close(s, row.id, "skipped", now, reason="switched_off")
            return None
        who = await member(s, member_id=row.member_id)
        to = who.email if row.channel == "mail" else who.phone
        if not to:
            await close(s, row.id, "skipped", now, reason="no_address")
            return None
        language = row.language
        brand = await brand_of(rt, snapshot)
        written = letter(
            row.kind,
            {"redemptionId": str(row.subject_id), **row.values},
            t=translator(language),
            formats=formats(snapshot, language),
            brand=brand,
        )
        if row.channel == "sms":
            return Sms(id=row.id, sender=wanted.sms_sender, to=to, text=written.short)
        return mail(
            rt, snapshot, brand, id_=row.id, to=to, name=who.name or "", language=language,
            written=written,
        )  # fmt: skip

    async def perform(self, rt: Runtime, call: Mail | Sms) -> Sent:
        return await hand_over(rt, call)

    async def record(
        self, rt: Runtime, s: WriteSession, m: SendNotification, outcome: Sent, now: datetime
    ) -> None:
        state = "failed" if outcome.failed else "sent"
        await close(s, m.log_id, state, now, reason=outcome.failed, reference=outcome.reference)


def formats(snapshot: Snapshot, language: str) -> Formats:
    """Numbers, money and the brand's word for points in `language`."""
    programme = snapshot[ProgrammeParameters]
    return Formats(
        language=language,
        time_zone=programme.time_zone,
        points_name=points_name(snapshot[BrandingParameters], programme, language),
    )


async def close(
    s: WriteSession,
    log_id: UUID,
    state: str,
    now: datetime,
    *,
    reason: str | None = None,
    reference: str | None = None,
) -> None:
    """Say what became of a message."""
    await s.execute(
        """
        UPDATE app.message_log
           SET state = %(state)s, reason = %(reason)s, provider_reference = %(reference)s,
               sent_at = CASE WHEN %(state)s = 'sent' THEN %(now)s END
         WHERE tenant_id = %(tenant_id)s AND id = %(id)s AND state = 'queued'
        """,
        {"id": log_id, "state": state, "reason": reason, "reference": reference, "now": now},
    )


async def hand_over(rt: Runtime, call: Mail | Sms) -> Sent:
    """To the mail server or the carrier."""
    try:
        if isinstance(call, Mail):
            return Sent(await SmtpSender(rt.settings.smtp_url).send(call))
        return Sent(await SnsSender(rt.settings).send(call))
    except BadRecipientError as error:
        return Sent(None, failed=str(error)[:200])


class MailCode(Job[SendCode, Mail, Sent]):
    """A one-time code by mail; there may be nobody to write to."""

    message = SendCode

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: SendCode, now: datetime
    ) -> Mail | None:
        found = await codes.letter(s, rt.settings, code_id=m.code_id, now=now)
        if found is None:
            return None
        snapshot = await rt.snapshot(s.tenant_id, await rt.now(s.tenant_id))
        brand = await brand_of(rt, snapshot)
        written = code_letter(found.code, found.minutes, t=translator(found.language), brand=brand)
        return mail(
            rt, snapshot, brand, id_=uuid7(), to=found.to, name="", language=found.language,
            written=written,
        )  # fmt: skip

    async def perform(self, rt: Runtime, call: Mail) -> Sent:
        return await hand_over(rt, call)

    async def record(
        self, rt: Runtime, s: WriteSession, m: SendCode, outcome: Sent, now: datetime
    ) -> None:
        return


class Welcome(Effect[WelcomeMember]):
    """The greeting of a new member, in their language; nothing for one who has left since."""

    message = WelcomeMember

    async def apply(self, rt: Runtime, s: WriteSession, m: WelcomeMember, now: datetime) -> None:
        found = await member(s, member_id=m.member_id)
        if found.active:
            programme = (await rt.snapshot(s.tenant_id, now))[ProgrammeParameters]
            await notify(
                s,
                kind="welcome",
                member_id=found.id,
                subject_id=found.id,
                language=found.language or programme.languages[0],
                values={},
                now=now,
            )


HANDLERS: Final[tuple[Handler, ...]] = (
    Send(),
    MailCode(),
    Welcome(),
    AnnounceExpiriesDue(),
)
