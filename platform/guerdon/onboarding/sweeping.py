"""What sign-ups leave behind: those nobody came back to end, and what they had sent goes."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from guerdon.plumbing.db import WriteSession
from guerdon.plumbing.uploads import Uploads
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID

# A file is there a moment before the row that names it.
YOUNG: Final = timedelta(days=1)


class _Sent(msgspec.Struct, frozen=True):
    logo: str | None
    upload: str | None


async def sweep(rt: Runtime, s: WriteSession, *, now: datetime) -> int:
    """End what is over, in the operator's context; how many files went with it.

    Logos and catalogues that no sign-up names any more go: those of ended ones, those that others
    took the place of, those of brands that are gone.
    """
    await s.execute(
        "DELETE FROM app.signup WHERE tenant_id = %(tenant_id)s"
        " AND (state = 'expired' OR (state = 'open' AND expires_at <= %(now)s))",
        {"now": now},
    )
    named = await s.all(
        _Sent,
        "SELECT DISTINCT answers #>> '{look,logo}' AS logo,"
        " answers #>> '{catalogue,upload_id}' AS upload"
        " FROM app.signup WHERE tenant_id = %(tenant_id)s",
    )
    before = now - YOUNG
    pictures = await rt.files.forget_others(
        OPERATOR_ID, keep={one.logo for one in named if one.logo}, before=before
    )
    uploads = Uploads(Path(rt.settings.files_dir))
    return pictures + await asyncio.to_thread(
        uploads.forget_others,
        OPERATOR_ID,
        keep={one.upload for one in named if one.upload},
        before=before,
    )
