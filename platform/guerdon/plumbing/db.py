"""The database: sessions bound to one tenant and one transaction.

A session is opened at the edge (a request, a job's step, a chunk of an import) and handed down;
what runs inside never commits. A `ReadSession` runs in a READ ONLY transaction, a `WriteSession`
can do both. Rows come back as msgspec Structs (columns are field names; jsonb becomes nested
Structs) or as one column's type.
"""

import re
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, LiteralString, TypeVar
from uuid import UUID

import msgspec
import psycopg
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb, set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from guerdon.kit.errors import ForbiddenError, NotFoundError, UnavailableError
from guerdon.plumbing import failpoints
from guerdon.plumbing.context import ContextSigner
from guerdon.plumbing.refusals import translate
from guerdon.plumbing.shares import NOBODY, Shares

T = TypeVar("T")
Params = Mapping[str, Any]
Connection = psycopg.AsyncConnection[TupleRow]

_NO_PARAMS: Params = {}
_LOOKED_UP = "SELECT set_config('enable_nestloop', %(may)s, true)"

set_json_loads(msgspec.json.decode)
set_json_dumps(lambda value: msgspec.json.encode(value))


def jsonb(value: Any) -> Jsonb:
    """A value for a jsonb parameter: anything msgspec can encode."""
    return Jsonb(value)


class ReadOnlyError(ForbiddenError):
    """This request only looks: nothing is written for it."""

    code = "read_only"
    title = "Nothing can be changed here"


class NoTenantError(RuntimeError):
    """Code asked for a tenant's transaction without saying which tenant."""


def _convert(row: type[T], names: Sequence[str], values: TupleRow) -> T:
    if isinstance(row, type) and issubclass(row, msgspec.Struct):
        return msgspec.convert(
            dict(zip(names, values, strict=True)), row, strict=False, from_attributes=False
        )
    value = values[0]
    if isinstance(row, type) and isinstance(value, row):
        return value
    return msgspec.convert(value, row, strict=False)


class _Session:
    """One transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def _run(self, sql: str, params: Params) -> psycopg.AsyncCursor[TupleRow]:
        try:
            return await self._connection.execute(sql, params)
        except psycopg.Error as error:
            domain = translate(error)
            if domain is error:
                raise
            raise domain from error

    async def all(self, row: type[T], sql: str, params: Params = _NO_PARAMS) -> list[T]:
        """All rows of the query."""
        cursor = await self._run(sql, params)
        names = [c.name for c in cursor.description or ()]
        return [_convert(row, names, values) for values in await cursor.fetchall()]

    async def value(self, sql: str, params: Params = _NO_PARAMS) -> Any:
        """The first column of the first row, or None."""
        return (await (await self._run(sql, params)).fetchone() or (None,))[0]


class ReadSession(_Session):
    """One tenant, one READ ONLY transaction."""

    def __init__(self, connection: Connection, tenant_id: UUID) -> None:
        super().__init__(connection)
        self.tenant_id = tenant_id

    async def _run(self, sql: str, params: Params) -> psycopg.AsyncCursor[TupleRow]:
        return await super()._run(sql, {"tenant_id": self.tenant_id, **params})

    async def one_or_none(self, row: type[T], sql: str, params: Params = _NO_PARAMS) -> T | None:
        """The first row, or None."""
        cursor = await self._run(sql, params)
        values = await cursor.fetchone()
        if values is None:
            return None
        return _convert(row, [c.name for c in cursor.description or ()], values)

    async def one(self, row: type[T], sql: str, params: Params = _NO_PARAMS) -> T:
        """The first row; NotFoundError if there is none."""
        found = await self.one_or_none(row, sql, params)
        if found is None:
            raise NotFoundError
        return found

    async def chunks(
        self, name: LiteralString, sql: str, params: Params = _NO_PARAMS, *, size: int
    ) -> AsyncIterator[list[TupleRow]]:
        """The rows of a long query, `size` at a time, from a cursor of the server."""
        async with self._connection.cursor(name) as cursor:
            try:
                await cursor.execute(sql, {"tenant_id": self.tenant_id, **params})
                while rows := await cursor.fetchmany(size):
                    yield rows
            except psycopg.Error as error:
                domain = translate(error)
                if domain is error:
                    raise
                raise domain from error

    @asynccontextmanager
    async def sweeping(self) -> AsyncIterator[None]:
        """For statements that read a tenant whole: rows are not looked up one by one, whatever the
        statistics say of a tenant that has grown since they were taken."""
        await self._run(_LOOKED_UP, {"may": "off"})
        yield
        await self._run(_LOOKED_UP, {"may": "on"})

    async def copied(self, sql: str, params: Params = _NO_PARAMS) -> AsyncIterator[bytes]:
        """What `COPY (query) TO STDOUT` gives, piece by piece; however long it takes.

        Rows are read as `sweeping` says.
        """
        await self._run("SELECT set_config('statement_timeout', '0', true)", _NO_PARAMS)
        await self._run(_LOOKED_UP, {"may": "off"})
        async with self._connection.cursor() as cursor:
            try:
                async with cursor.copy(
                    f"COPY ({sql}) TO STDOUT (FORMAT csv)", {"tenant_id": self.tenant_id, **params}
                ) as copy:
                    async for piece in copy:
                        yield bytes(piece)
            except psycopg.Error as error:
                domain = translate(error)
                if domain is error:
                    raise
                raise domain from error


class WriteSession(ReadSession):
    """One tenant, one transaction that may write."""

    async def execute(self, sql: str, params: Params = _NO_PARAMS) -> int:
        """Run a statement; returns how many rows it touched."""
        return (await self._run(sql, params)).rowcount

    @asynccontextmanager
    async def part(self) -> AsyncIterator[None]:
        """A part of the transaction: undone alone when it raises, and the rest goes on."""
        await self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            await self._connection.execute("ROLLBACK TO SAVEPOINT part")
            raise
        await self._connection.execute("RELEASE SAVEPOINT part")

    async def execute_many(self, sql: str, rows: Sequence[Params]) -> None:
        """Run a statement once per row, pipelined."""
        async with self._connection.cursor() as cursor:
            try:
                await cursor.executemany(sql, [{"tenant_id": self.tenant_id, **r} for r in rows])
            except psycopg.Error as error:
                domain = translate(error)
                if domain is error:
                    raise
                raise domain from error


class ControlSession(_Session):
    """No tenant: may call functions of the schema `ctl` and nothing else (the grants see to it)."""


class NestedConnectionWarning(RuntimeWarning):
    """Somebody who holds a connection waits for a second one of the same pool. When all do, nobody
    gets any: hand the session on, or ask before it is opened."""


_held: ContextVar[frozenset[int]] = ContextVar("held_pools", default=frozenset())
_glances: dict[str, str] = {}
_hot: dict[str, list[str]] = {}


def _names(sql: str, cursor: psycopg.AsyncCursor[TupleRow]) -> list[str]:
    """The columns of a hot statement; a text has the same ones for as long as the process lives,
    since a function that answers otherwise gets another name."""
    names = _hot.get(sql)
    if names is None:
        names = _hot[sql] = [c.name for c in cursor.description or ()]
    return names


class Database:
    """A pool of connections that log in as one role."""

    def __init__(
        self,
        dsn: str,
        context_key: bytes,
        *,
        pool_size: int = 8,
        kept_open: int = 2,
        prepare: bool = True,
        wait_s: int = 10,
    ) -> None:
        match = re.match(r"^\w+://([^:@/]+)", dsn)
        if match is None:
            raise ValueError("the database address names no role")
        self.role = match[1]
        self._signer = ContextSigner(context_key, self.role)
        # One brand may hold three quarters of the connections: the others are served meanwhile.
        self._shares = Shares(max(1, pool_size - pool_size // 4), wait_s=wait_s)
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            min_size=min(kept_open, pool_size),
            max_size=pool_size,
            open=False,
            timeout=wait_s,
            max_waiting=4096,
            check=None,
            kwargs={
                "autocommit": True,
                "prepare_threshold": 1 if prepare else None,
                "application_name": self.role,
            },
        )

    async def open(self) -> None:
        """Connect; raises if the database does not answer within ten seconds."""
        await self._pool.open(wait=True, timeout=10)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def alive(self) -> bool:
        """Whether the database answers."""
        try:
            async with self._pool.connection(timeout=2) as connection:
                await connection.execute("SELECT 1")
        except (psycopg.Error, PoolTimeout):
            return False
        return True

    async def _taken(self, tenant_id: UUID) -> Connection:
        """A connection of the pool, to be put back by whoever asked; one of the tenant's share."""
        if id(self._pool) in _held.get():
            warnings.warn(
                "a second connection is asked for while one is held: hand the session on",
                NestedConnectionWarning,
                stacklevel=4,
            )
        try:
            await self._shares.take(tenant_id)
            try:
                return await self._pool.getconn()
            except BaseException:
                self._shares.give_back(tenant_id)
                raise
        except (PoolTimeout, TimeoutError) as error:
            raise UnavailableError(
                "The database is busy. Try again in a moment.", retry_after_s=5
            ) from error

    async def _put_back(self, tenant_id: UUID, connection: Connection) -> None:
        self._shares.give_back(tenant_id)
        await self._pool.putconn(connection)

    @asynccontextmanager
    async def _borrow(self, tenant_id: UUID) -> AsyncIterator[Connection]:
        connection = await self._taken(tenant_id)
        before = _held.get()
        _held.set(before | {id(self._pool)})
        try:
            yield connection
        finally:
            _held.set(before)
            await self._put_back(tenant_id, connection)

    def sign(self, tenant_id: UUID) -> str:
        """The signed context of `tenant_id` for this pool's role."""
        if not isinstance(tenant_id, UUID):
            raise NoTenantError("a transaction needs a tenant")
        return self._signer.sign(tenant_id)

    @asynccontextmanager
    async def read(self, tenant_id: UUID) -> AsyncIterator[ReadSession]:
        """A READ ONLY transaction of one tenant."""
        async with self._transaction(tenant_id, "BEGIN READ ONLY") as connection:
            yield ReadSession(connection, tenant_id)

    @asynccontextmanager
    async def read_frozen(self, tenant_id: UUID) -> AsyncIterator[ReadSession]:
        """A READ ONLY transaction of one tenant in which every query sees the same instant."""
        begin: LiteralString = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        async with self._transaction(tenant_id, begin) as connection:
            yield ReadSession(connection, tenant_id)

    @asynccontextmanager
    async def write(self, tenant_id: UUID) -> AsyncIterator[WriteSession]:
        """A transaction of one tenant: committed at the end, rolled back on an exception."""
        async with self._transaction(tenant_id, "BEGIN") as connection:
            yield WriteSession(connection, tenant_id)
            failpoints.passing("commit", "before")
        failpoints.passing("commit", "after")

    @asynccontextmanager
    async def _transaction(
        self, tenant_id: UUID, begin: LiteralString
    ) -> AsyncIterator[Connection]:
        context = self.sign(tenant_id)
        async with self._borrow(tenant_id) as connection:
            try:
                async with connection.pipeline():
                    await connection.execute(begin)
                    await connection.execute("SELECT app.enter(%s)", (context,))
                yield connection
                await connection.execute("COMMIT")
            except BaseException as error:
                await _abandon(connection)
                if isinstance(error, psycopg.Error):
                    domain = translate(error)
                    if domain is not error:
                        raise domain from error
                raise

    async def _alone(
        self, tenant_id: UUID, sql: str, bound: Params
    ) -> tuple[list[str], list[TupleRow]]:
        """Column names and rows of one statement that is a transaction of its own."""
        connection = await self._taken(tenant_id)
        try:
            cursor = await connection.execute(sql, bound)
            return _names(sql, cursor), await cursor.fetchall()
        except psycopg.Error as error:
            domain = translate(error)
            if domain is error:
                raise
            raise domain from error
        finally:
            await self._put_back(tenant_id, connection)

    async def call(self, tenant_id: UUID, row: type[T], sql: str, params: Params = _NO_PARAMS) -> T:
        """One statement in its own transaction, one round trip: a hot function's call.

        The function takes the context as its first argument: `SELECT * FROM app.f(%(ctx)s, ...)`.
        """
        bound = {"ctx": self.sign(tenant_id), "tenant_id": tenant_id, **params}
        names, found = await self._alone(tenant_id, sql, bound)
        if not found:
            raise NotFoundError
        return _convert(row, names, found[0])

    async def fetch(
        self, tenant_id: UUID, row: type[T], sql: str, params: Params = _NO_PARAMS
    ) -> list[T]:
        """One query of one tenant in one round trip (BEGIN, enter, query, COMMIT pipelined)."""
        context = self.sign(tenant_id)
        bound = {"tenant_id": tenant_id, **params}
        async with self._borrow(tenant_id) as connection:
            try:
                async with connection.pipeline():
                    await connection.execute("BEGIN READ ONLY")
                    await connection.execute("SELECT app.enter(%s)", (context,))
                    cursor = await connection.execute(sql, bound)
                    await connection.execute("COMMIT")
                names = [c.name for c in cursor.description or ()]
                return [_convert(row, names, values) for values in await cursor.fetchall()]
            except BaseException as error:
                await _abandon(connection)
                if isinstance(error, psycopg.Error):
                    domain = translate(error)
                    if domain is not error:
                        raise domain from error
                raise

    async def glance(
        self, tenant_id: UUID, row: type[T], sql: str, params: Params = _NO_PARAMS
    ) -> list[T]:
        """`fetch` for the busiest pages: the query enters the tenant itself, as one statement.

        Each `%(tenant_id)s` becomes a reference to the entered tenant, so that whatever the plan,
        nothing is read before it is known; were it read earlier, the guard would refuse.
        """
        statement = _glances.get(sql)
        if statement is None:
            inner = sql.replace("%(tenant_id)s", "entered.tenant_id")
            if inner == sql:
                raise NoTenantError("the query does not name its tenant")
            statement = _glances[sql] = (
                "SELECT q.* FROM (SELECT app.enter(%(ctx)s) AS tenant_id OFFSET 0) entered"  # noqa: S608
                f" CROSS JOIN LATERAL ({inner}) q"
            )
        bound = {"ctx": self.sign(tenant_id), **params}
        names, found = await self._alone(tenant_id, statement, bound)
        return [_convert(row, names, values) for values in found]

    @asynccontextmanager
    async def control(self) -> AsyncIterator[ControlSession]:
        """A transaction without a tenant, for `ctl` functions."""
        async with self._borrow(NOBODY) as connection, connection.transaction():
            yield ControlSession(connection)


class ReadOnlyDatabase(Database):
    """The same pool for a request that must not write, whatever it tries."""

    def __init__(self, of: Database) -> None:
        self.role, self._signer, self._pool = of.role, of._signer, of._pool
        self._shares = of._shares

    @asynccontextmanager
    async def write(self, tenant_id: UUID) -> AsyncIterator[WriteSession]:
        """Refused."""
        raise ReadOnlyError
        yield

    async def call(self, tenant_id: UUID, row: type[T], sql: str, params: Params = _NO_PARAMS) -> T:
        """Refused: hot functions write."""
        raise ReadOnlyError

    async def glance(
        self, tenant_id: UUID, row: type[T], sql: str, params: Params = _NO_PARAMS
    ) -> list[T]:
        """As `fetch`, in a READ ONLY transaction."""
        return await self.fetch(tenant_id, row, sql, params)


async def _abandon(connection: Connection) -> None:
    try:
        if not connection.closed:
            await connection.rollback()
    except psycopg.Error:
        await connection.close()
