"""What a sign-up had sent goes with it; what somebody still needs stays."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from guerdon.kit.ids import uuid7
from guerdon.onboarding import drafts
from guerdon.onboarding.schemas import CatalogueChoice, Draft, Style
from guerdon.plumbing import outbox
from guerdon.plumbing.runner import Ran, Runner
from guerdon.plumbing.uploads import Uploads
from guerdon.programme.life import EndState
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant
from guerdon_workers.actors import all_handlers

LONG_AGO = timedelta(days=2)


class Sent:
    """A sign-up with a logo and a catalogue that were sent two days ago."""

    def __init__(self, rt: Runtime) -> None:
        self.rt, self.root = rt, Path(rt.settings.files_dir)
        self.draft: Draft
        self.logo = ""
        self.upload = uuid7()

    async def send(self, *, at: datetime) -> "Sent":
        async def content() -> AsyncIterator[bytes]:
            yield b"slug,name\n"

        rt, uploads = self.rt, Uploads(self.root)
        self.logo = await rt.files.put(OPERATOR_ID, b"a logo " + uuid4().bytes, "png")
        await uploads.keep(OPERATOR_ID, self.upload, content(), bytes_max=100)
        async with rt.db.write(OPERATOR_ID) as s:
            email = f"{self.upload.hex}@example.com"
            begun = await drafts.begin(s, email_norm=email, language="en", now=at)
            self.draft = await drafts.answer(
                s, begun, now=at, look=Style("#7a1f5c", self.logo),
                catalogue=CatalogueChoice("file", upload_id=self.upload),
            )  # fmt: skip
        for path in self._paths():
            self.age(path)
        return self

    def age(self, path: Path) -> None:
        then = (datetime.now(UTC) - LONG_AGO).timestamp()
        os.utime(path, (then, then))

    def _paths(self) -> list[Path]:
        return [
            self.root / str(OPERATOR_ID) / self.logo[:2] / self.logo,
            self.root / "uploads" / str(OPERATOR_ID) / str(self.upload),
        ]

    def kept(self) -> list[bool]:
        return [path.exists() for path in self._paths()]


async def hour(rt: Runtime, worker: Runtime, tenant_id: UUID) -> None:
    """What the scheduler does every hour."""
    async with rt.db.write(tenant_id) as s:
        message = await outbox.put(s, EndState())
    assert await Runner(worker, all_handlers()).run(tenant_id, message) is Ran.DONE


async def test_what_was_sent_goes_with_the_sign_up(
    rt: Runtime, worker_rt: Runtime, operator: Tenant
) -> None:
    now = datetime.now(UTC)
    left = await Sent(rt).send(at=now - drafts.LIFETIME - timedelta(minutes=1))
    open_ = await Sent(rt).send(at=now)
    young = await rt.files.put(OPERATOR_ID, b"just sent " + uuid4().bytes, "png")
    again = await rt.files.put(OPERATOR_ID, b"sent again " + uuid4().bytes, "png")
    folder = Path(rt.settings.files_dir) / str(OPERATOR_ID)
    open_.age(folder / again[:2] / again)

    await hour(rt, worker_rt, operator.id)
    assert (left.kept(), open_.kept()) == ([False, False], [True, True])
    assert (folder / young[:2] / young).exists()
    assert not (folder / again[:2] / again).exists()
    async with rt.db.read(OPERATOR_ID) as s:
        rows = await s.all(
            UUID,
            "SELECT id FROM app.signup WHERE tenant_id = %(tenant_id)s AND id = ANY (%(ids)s)",
            {"ids": [left.draft.id, open_.draft.id]},
        )
    assert rows == [open_.draft.id]


async def test_a_logo_sent_again_is_young_again(
    rt: Runtime, worker_rt: Runtime, operator: Tenant
) -> None:
    """Whoever sends the same picture once more may be about to name it."""
    content = b"the same " + uuid4().bytes
    name = await rt.files.put(OPERATOR_ID, content, "png")
    path = Path(rt.settings.files_dir) / str(OPERATOR_ID) / name[:2] / name
    then = (datetime.now(UTC) - LONG_AGO).timestamp()
    os.utime(path, (then, then))
    assert await rt.files.put(OPERATOR_ID, content, "png") == name
    await hour(rt, worker_rt, operator.id)
    assert path.exists()


async def test_a_brands_own_files_are_not_looked_at(
    rt: Runtime, worker_rt: Runtime, tenant: Tenant
) -> None:
    name = await rt.files.put(tenant.id, b"a picture " + uuid4().bytes, "png")
    path = Path(rt.settings.files_dir) / str(tenant.id) / name[:2] / name
    os.utime(path, (0, 0))
    await hour(rt, worker_rt, tenant.id)
    assert path.exists()
