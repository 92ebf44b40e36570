"""StoredSecrets of the brand's accounts elsewhere: written, tried, never shown again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import JSONBody, PathParameter
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, Done, act, answer
from guerdon.audit import operations as audit
from guerdon.fulfilment import providers as suppliers
from guerdon.fulfilment import secrets as supplier_secrets
from guerdon.fulfilment.parameters import FulfilmentParameters
from guerdon.identity.policy import staff
from guerdon.kit.errors import (
    GuerdonError,
    InvalidError,
    NotFoundError,
    ProviderRefusedError,
    UnavailableError,
)
from guerdon.kit.ids import uuid7
from guerdon.payments import providers as payments
from guerdon.payments import secrets as payment_secrets
from guerdon.plumbing import cache
from guerdon.plumbing.cache import reach
from guerdon.plumbing.db import ReadSession, WriteSession
from guerdon.recommendations import scores
from guerdon.recommendations.parameters import RecommendationParameters
from guerdon.wire.openapi import Read, Write
from guerdon.wire.values import In, Out

TAGS = ["Integrations"]
WRITE = {"policy": staff("secrets:write", fresh=True)}
_LOOKED_S = int(timedelta(hours=1).total_seconds())
Name = Annotated[str, PathParameter(pattern=r"^[a-z][a-z0-9_.\-]{2,119}$")]
Account = Annotated[
    str, PathParameter(pattern=r"^((payments|fulfilment)\.[a-z][a-z0-9_]{1,39}|recommendations)$")
]


class StoredSecret(Out, frozen=True):
    """A secret that the brand's parameters ask for. Its value never leaves."""

    name: str
    title: str
    account: str
    stored: bool
    updated_at: datetime | None


class StoredSecrets(Out, frozen=True):
    """Every secret that could be stored."""

    items: list[StoredSecret]


class SecretIn(In, frozen=True):
    """The value; blanks around it are taken off."""

    value: Annotated[str, Meta(min_length=1, max_length=10_000)]


class AccountTrial(Out, frozen=True):
    """What became of a test connection, and what to do about it."""

    outcome: Literal["works", "refused", "unreachable", "incomplete"]
    detail: str
    reason: str = ""


class _StoredRow(msgspec.Struct):
    name: str
    updated_at: datetime


def _titles(request: AdminRequest) -> dict[str, str]:
    return {
        **payment_secrets.names(),
        **supplier_secrets.names(request.snapshot[FulfilmentParameters]),
        **scores.SECRETS,
    }


async def _listed(s: ReadSession, titles: Mapping[str, str]) -> StoredSecrets:
    rows = await s.all(
        _StoredRow,
        "SELECT name, updated_at FROM app.secret"
        " WHERE tenant_id = %(tenant_id)s AND name = ANY(%(names)s)",
        {"names": list(titles)},
    )
    stored = {row.name: row.updated_at for row in rows}
    return StoredSecrets(
        [
            StoredSecret(name, title, name.rpartition(".")[0], name in stored, stored.get(name))
            for name, title in titles.items()
        ]
    )


@get("/{brand:str}/secrets", operation_id="listSecrets", operation_class=Read,
     opt={"policy": staff("secrets:read")}, tags=TAGS)  # fmt: skip
async def listing(request: AdminRequest) -> Response[StoredSecrets]:
    """List which secrets are stored, and since when. The audit trail tells who looked."""
    async with request.rt.db.read(request.tenant.id) as s:
        found = await _listed(s, _titles(request))
    await _tell_once_an_hour(request)
    return answer(found)


@put("/{brand:str}/secrets/{name:str}", operation_id="storeSecret", operation_class=Write,
     opt=WRITE, tags=TAGS)  # fmt: skip
async def store(
    request: AdminRequest, name: Name, data: JSONBody[SecretIn]
) -> Response[StoredSecrets]:
    """Store a secret, sealed with the brand's own key, in place of an earlier one."""
    titles = _titles(request)
    if name not in titles:
        raise NotFoundError(f"No connection of the brand asks for a secret {name!r}.")
    value = data.value.strip()
    if not value:
        raise InvalidError("The value is empty.", field="value")

    async def work(s: WriteSession, now: datetime) -> Done:
        await request.rt.secrets.put(s, name, value)
        return Done(await _listed(s, titles), {"name": name})

    return await act(
        request, action="secret.stored", subject=f"secret:{name}", work=work, given={"name": name}
    )


@delete("/{brand:str}/secrets/{name:str}", operation_id="removeSecret", operation_class=Write,
        opt=WRITE, tags=TAGS, status_code=200)  # fmt: skip
async def remove(request: AdminRequest, name: Name) -> Response[StoredSecrets]:
    """Forget a secret. What needs it stops working until another is stored."""
    titles = _titles(request)

    async def work(s: WriteSession, now: datetime) -> Done:
        gone = await s.execute(
            "DELETE FROM app.secret WHERE tenant_id = %(tenant_id)s AND name = %(name)s",
            {"name": name},
        )
        if name not in titles or not gone:
            raise NotFoundError(f"No secret {name!r} is stored.")
        return Done(await _listed(s, titles), {"name": name})

    return await act(request, action="secret.removed", subject=f"secret:{name}", work=work)


@post("/{brand:str}/accounts/{account:str}/test", operation_id="testAccount",
      operation_class=Write, opt={"policy": staff("secrets:write")}, tags=TAGS,
      status_code=200)  # fmt: skip
async def test_account(request: AdminRequest, account: Account) -> Response[AccountTrial]:
    """Call the account with what is stored: `payments.stripe`, `fulfilment.<supplier>`, or the
    external model of `recommendations`."""
    trial = await _try(request, account)

    async def work(s: WriteSession, now: datetime) -> Done:
        return Done(trial, {"outcome": trial.outcome})

    return await act(
        request, action="account.tested", subject=f"account:{account}", work=work,
        given={"account": account},
    )  # fmt: skip


async def _try(request: AdminRequest, account: str) -> AccountTrial:
    kind, _, key = account.partition(".")
    try:
        if kind == "payments":
            await _try_payments(request, key)
        elif kind == "recommendations":
            model = request.snapshot[RecommendationParameters].external_scores
            await scores.check(request.rt, model, tenant_id=request.tenant.id)
        else:
            async with request.rt.db.read(request.tenant.id) as s:
                supplier = await suppliers.connect(
                    request.rt, s, key, now=request.tenant.time(request.real_now)
                )
            await supplier.status(uuid7())
    except GuerdonError as error:
        return _outcome(error)
    return AccountTrial("works", "The account answers and knows these credentials.")


async def _try_payments(request: AdminRequest, provider: str) -> None:
    async with request.rt.db.read(request.tenant.id) as s:
        connection = await payments.connect(
            request.rt, s, now=request.tenant.time(request.real_now), provider=provider
        )
    await connection.check()


def _outcome(error: GuerdonError) -> AccountTrial:
    if isinstance(error, ProviderRefusedError):
        return AccountTrial(
            "refused",
            f"The provider refused the credentials ({error.reason})."
            " Copy them again from its dashboard.",
            error.reason,
        )
    if isinstance(error, UnavailableError):
        return AccountTrial(
            "unreachable", "The provider does not answer now. Try again in a minute."
        )
    return AccountTrial("incomplete", f"{error.detail or error.title} Store it, then test again.")


async def _tell_once_an_hour(request: AdminRequest) -> None:
    rt, who = request.rt, request.staff
    key = cache.key(request.tenant.id, "secrets-viewed", who.staff_id, who.session_id[:16])
    if not await reach(rt.valkey.set(key, b"1", ex=_LOOKED_S, nx=True)):
        return
    async with rt.db.write(request.tenant.id) as s:
        await audit.record(
            s, actor=who.label, action="secret.viewed", subject="secrets", summary={},
            now=request.real_now, address=request.address, request_id=request.request_id,
        )  # fmt: skip


HANDLERS = [listing, store, remove, test_account]
