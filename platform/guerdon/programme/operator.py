"""The operator's own house, made ready where it is not: its key, and parameters of its own."""

from datetime import datetime
from typing import Any, Final

from guerdon.parameters.operations import publish
from guerdon.parameters.snapshot import NoParametersError
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

# Its letters carry this name. Sessions, codes and step-up have the product's own rules.
CONTENT: Final[dict[str, Any]] = {
    "programme": {"name": "Guerdon", "languages": ["en", "pt-BR", "es"]}
}


async def ensure_operator(rt: Runtime, *, now: datetime) -> Tenant:
    """The operator, with everything that its people's accounts and letters need. Repeatable."""
    await rt.snapshots.ensure(OPERATOR_ID)
    try:
        rt.snapshots.current(OPERATOR_ID, now)
    except NoParametersError:
        async with rt.db.write(OPERATOR_ID) as s:
            await rt.secrets.ensure_data_key(s)
            await publish(
                s, registry=rt.snapshots.registry, content=CONTENT, author="system", now=now,
                note="the operator's house",
            )  # fmt: skip
        await rt.snapshots.load(OPERATOR_ID)
    return await rt.directory.operator()
