"""Making an export that somebody asked for, removing it after its time, removing a closed brand."""

import asyncio
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final
from uuid import UUID

import msgspec
import structlog

from guerdon.audit import operations as audit
from guerdon.kit.ids import uuid7
from guerdon.notifications.jobs import hand_over
from guerdon.notifications.letters import Brand, Letter, as_html, as_text
from guerdon.notifications.port import Mail
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.jobs import Effect, Handler, Job, PostponeError
from guerdon.plumbing.outbox import Message
from guerdon.portability import books, exports, removal
from guerdon.portability.exporting import Manifest, export_everything
from guerdon.portability.exports import ExpireExport, MakeExport
from guerdon.portability.removal import Removal
from guerdon.runtime import Runtime
from guerdon.tenancy.lifecycle import State
from guerdon.tenancy.messages import RemoveData
from guerdon.tenancy.schemas import Tenant
from guerdon.theming.translations import translator

LONGEST: Final = timedelta(hours=2)
LOOK_AGAIN_S: Final = 20.0
_ACCENT: Final = "#1f4b99"
log = structlog.get_logger(__name__)


class SendCertificate(Message, frozen=True):
    """Tell the owners of a brand that it is gone, and forget them."""

    topic: ClassVar[str] = "tenancy.send_certificate"
    queue: ClassVar[str] = "mail"
    real_time: ClassVar[bool] = True


class Asked(msgspec.Struct, frozen=True):
    """An export to be made."""

    tenant: Tenant
    export_id: UUID
    now: datetime


class Made(msgspec.Struct, frozen=True):
    """An export that was made."""

    manifest: Manifest
    size_bytes: int


class ExportMaking(Job[MakeExport, Asked, Made]):
    """Writes everything into one file, one export at a time in each process."""

    message = MakeExport
    long: ClassVar[bool] = True
    perform_timeout_s: ClassVar[float] = LONGEST.total_seconds()

    def __init__(self) -> None:
        self._alone = asyncio.Lock()

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: MakeExport, now: datetime
    ) -> Asked | None:
        if self._alone.locked():
            raise PostponeError(LOOK_AGAIN_S, "another export comes first")
        if not await exports.start(s, export_id=m.export_id):
            return None
        tenant = await s.one(Tenant, "SELECT * FROM ctl.read_tenant_v2(%(tenant_id)s)")
        return Asked(tenant, m.export_id, now)

    async def perform(self, rt: Runtime, call: Asked) -> Made:
        file = exports.file_of(rt.settings, call.tenant.id, call.export_id)
        folder = file.with_suffix("")
        told: set[asyncio.Task[None]] = set()

        def progress(done: int, total: int) -> None:
            task = asyncio.create_task(_tell(rt, call, done, total))
            told.add(task)
            task.add_done_callback(told.discard)

        async with self._alone:
            await asyncio.to_thread(exports.clear, file)
            try:
                manifest = await export_everything(
                    rt, call.tenant, folder, now=call.now, progress=progress
                )
                await asyncio.gather(*told)
                await asyncio.to_thread(_pack, folder, file, f"{call.tenant.slug}-export")
            finally:
                await asyncio.to_thread(exports.clear, folder)
            return Made(manifest, file.stat().st_size)

    async def record(
        self, rt: Runtime, s: WriteSession, m: MakeExport, outcome: Made, now: datetime
    ) -> None:
        expires_at = now + exports.KEPT_FOR
        await exports.ready(
            s,
            export_id=m.export_id,
            manifest=outcome.manifest,
            size_bytes=outcome.size_bytes,
            now=now,
            expires_at=expires_at,
        )
        await outbox.put(s, ExpireExport(m.export_id), delay_s=exports.KEPT_FOR.total_seconds())
        await audit.record(
            s,
            actor="system",
            action="export.made",
            subject=f"export:{m.export_id}",
            summary={
                "rows": outcome.manifest.rows,
                "content": outcome.manifest.content_hash,
                "until": expires_at.isoformat(),
            },
            now=now,
        )

    async def parked(self, rt: Runtime, s: WriteSession, m: MakeExport, now: datetime) -> None:
        await exports.failed(s, export_id=m.export_id)


async def _tell(rt: Runtime, call: Asked, done: int, total: int) -> None:
    async with rt.aside.write(call.tenant.id) as s:
        await exports.note_progress(s, export_id=call.export_id, done=done, total=total)


def _pack(folder: Path, file: Path, top: str) -> None:
    partial = file.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                packed.write(path, f"{top}/{path.relative_to(folder).as_posix()}")
    partial.replace(file)


class ExportExpiring(Effect[ExpireExport]):
    """Removes the file of an export after its time."""

    message = ExpireExport

    async def apply(self, rt: Runtime, s: WriteSession, m: ExpireExport, now: datetime) -> None:
        await exports.expire(s, export_id=m.export_id)
        file = exports.file_of(rt.settings, s.tenant_id, m.export_id)
        await asyncio.to_thread(exports.clear, file)


class Leaving(msgspec.Struct, frozen=True):
    """A brand to be removed, and what the platform's own books keep of it."""

    tenant: Tenant
    bills: list[books.Bill]
    company: books.Company | None
    now: datetime


class Gone(msgspec.Struct, frozen=True):
    """Everything of the brand was removed."""

    tenant: Tenant


class DataRemoval(Job[RemoveData, Leaving, Gone]):
    """Removes everything of a closed brand; certified once nothing is left."""

    message = RemoveData
    long: ClassVar[bool] = True
    perform_timeout_s: ClassVar[float] = LONGEST.total_seconds()

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: RemoveData, now: datetime
    ) -> Leaving | None:
        tenant = await s.one(Tenant, "SELECT * FROM ctl.read_tenant_v2(%(tenant_id)s)")
        known = await removal.read_removal(s)
        if tenant.status is not State.CLOSED or (known and known.finished_at):
            return None
        host = f"{tenant.slug}.{rt.settings.base_domain}"
        await removal.begin(s, host=host, now=now)
        return Leaving(tenant, await books.bills(s), await books.company(s), now)

    async def perform(self, rt: Runtime, call: Leaving) -> Gone:
        await books.keep(rt, call.tenant, bills=call.bills, company=call.company, now=call.now)
        await removal.remove_everything(rt, call.tenant.id)
        return Gone(call.tenant)

    async def record(
        self, rt: Runtime, s: WriteSession, m: RemoveData, outcome: Gone, now: datetime
    ) -> None:
        found = await removal.finish(s, outcome.tenant, now=now)
        await _forget_messages(s)
        await outbox.put(s, SendCertificate())
        log.info("tenant.removed", tenant=outcome.tenant.slug, certificate=found)


async def _forget_messages(s: WriteSession) -> None:
    await s.execute("DELETE FROM app.outbox WHERE tenant_id = %(tenant_id)s")


class CertificateSending(Job[SendCertificate, list[Mail], None]):
    """Writes to those who were owners, and forgets their addresses."""

    message = SendCertificate

    async def prepare(
        self, rt: Runtime, s: WriteSession, m: SendCertificate, now: datetime
    ) -> list[Mail] | None:
        found = await removal.read_removal(s)
        if found is None or found.finished_at is None:
            return None
        return [_mail(rt, found, to) for to in found.recipients or ()]

    async def perform(self, rt: Runtime, call: list[Mail]) -> None:
        for one in call:
            await hand_over(rt, one)

    async def record(
        self, rt: Runtime, s: WriteSession, m: SendCertificate, outcome: None, now: datetime
    ) -> None:
        await s.value("SELECT ctl.forget_recipients_v1(%(tenant_id)s)")
        await _forget_messages(s)


def _mail(rt: Runtime, found: Removal, to: removal.Recipient) -> Mail:
    made = msgspec.convert(found.certificate, removal.Certificate)
    t = translator(to.language)
    letter = Letter(
        subject=t.text("Certificate of deletion: %(brand)s", brand=made.slug),
        heading=t.text("Certificate of deletion: %(brand)s", brand=made.slug),
        paragraphs=(
            t.text(
                "The brand %(brand)s closed on %(closed)s. Everything it kept was removed by"
                " %(finished)s (UTC).",
                brand=made.slug,
                closed=f"{made.closed_at:%Y-%m-%d %H:%M}",
                finished=f"{made.finished_at:%Y-%m-%d %H:%M}",
            ),
            t.text(
                "Removed: %(rows)s rows of %(tables)s tables, %(files)s files, %(keys)s short-lived"
                " keys.",
                rows=str(sum(made.rows.values())),
                tables=str(len(made.rows)),
                files=str(made.files),
                keys=str(made.keys),
            ),
            t.text("SHA-256 of this certificate: %(hash)s", hash=found.certificate_hash or ""),
            removal.certificate_text(found).decode(),
        ),
        short="",
    )
    brand = Brand(
        slug=made.slug,
        name=made.slug,
        url=f"{rt.settings.base_scheme}://{rt.settings.base_host}",
        accent=_ACCENT,
        on_accent="#ffffff",
        support_email="",
    )
    return Mail(
        id=uuid7(),
        tenant=made.slug,
        sender_name=made.slug,
        sender=rt.settings.mail_from,
        to=to.email,
        to_name=to.name,
        reply_to="",
        subject=letter.subject,
        text=as_text(letter, brand),
        html=as_html(letter, brand, to.language),
        language=to.language,
    )


HANDLERS: Final[tuple[Handler, ...]] = (
    ExportMaking(),
    ExportExpiring(),
    DataRemoval(),
    CertificateSending(),
)
