"""What a brand consists of, read from the catalogue: a new table is in by existing.

What is not carried over is listed with its reason and with what to do about it.
"""

from typing import Final

import msgspec

from guerdon.plumbing.db import ReadSession


class Left(msgspec.Struct, frozen=True):
    """Something that an export leaves out: why, and what to do where it is applied."""

    reason: str
    todo: str


_CREDENTIAL = "a credential"
_IN_FLIGHT = "work under way, gone by itself within days"
_HERE = "bound to the address of this deployment"
_FORGOT = "Each person chooses a new password by “Forgot your password?”."
_SECOND_FACTOR = "Each person sets up a second factor again."
_SSO = "Set up single sign-on again, and prove your e-mail domains."

LEFT_OUT: Final[dict[str, Left]] = {
    "api_key": Left(_CREDENTIAL, "Make new API keys and give them to your systems."),
    "catalogue_import": Left(_IN_FLIGHT, "Send files that were being looked through again."),
    "member_import": Left(_IN_FLIGHT, "Send files that were being looked through again."),
    "data_key": Left(
        "it opens only with this deployment's master key; there is a new one", "Nothing."
    ),
    "idempotency": Left(_IN_FLIGHT, "Nothing."),
    "member_password": Left(
        _CREDENTIAL, "Members sign in with a code by mail and may choose a password again."
    ),
    "member_word": Left("made from the members' rows when they are applied", "Nothing."),
    "one_time_code": Left(_CREDENTIAL, "Nothing: a code lives for minutes."),
    "outbox": Left(_IN_FLIGHT, "Export when no order is open, or see to open orders by hand."),
    "secret": Left(_CREDENTIAL, "Store the secrets of payments, suppliers and webhooks again."),
    "signup": Left("the platform's own, of people who make a brand", "Nothing."),
    "site_domain": Left(_HERE, "Add the brand's own domains again, and prove them."),
    "staff_connection": Left(_HERE, _SSO),
    "staff_connection_invite": Left(_HERE, _SSO),
    "staff_connection_test": Left(_HERE, _SSO),
    "staff_domain": Left(_HERE, _SSO),
    "staff_identity": Left(_HERE, _SSO),
    "staff_link": Left(_CREDENTIAL, "Send open invitations again."),
    "staff_passkey": Left(_CREDENTIAL, _SECOND_FACTOR),
    "staff_password": Left(_CREDENTIAL, _FORGOT),
    "staff_recovery_code": Left(_CREDENTIAL, _SECOND_FACTOR),
    "staff_totp": Left(_CREDENTIAL, _SECOND_FACTOR),
    "tenant_export": Left("it tells of exports, this one too", "Nothing."),
    "token_grant": Left(_CREDENTIAL, "Members sign in to your app once more."),
}

# Columns that follow from others under the brand's data key, which is another one elsewhere: made
# anew where an export is applied. Until then an expression holds the place.
MADE_ANEW: Final[dict[str, dict[str, str]]] = {
    "counter_order": {"code_hash": "sha256(r.id::text::bytea)"},
}

# One statement's rows must hold whole transactions: the ledger looks at them as they come.
WHOLE_BY: Final = {"ledger_entry": "txn_id"}


class Table(msgspec.Struct, frozen=True):
    """A table of the schema `app`, `tenant_id` aside.

    `order`: its key, the same everywhere; `own`: columns that name rows of the same table;
    `parents`: other tables that must be there.
    """

    name: str
    columns: tuple[str, ...]
    order: tuple[str, ...]
    parents: tuple[str, ...]
    own: tuple[str, ...]


_TABLES = """
SELECT c.relname AS name,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attname <> 'tenant_id' ORDER BY a.attname::text COLLATE "C") AS columns,
       ARRAY(SELECT format(CASE WHEN a.attcollation = 0 THEN '%%I' ELSE '%%I COLLATE "C"' END,
                           a.attname)
               FROM pg_constraint k
              CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS u(num, place)
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num
              WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attname <> 'tenant_id'
              ORDER BY u.place) AS "order",
       ARRAY(SELECT DISTINCT p.relname::text FROM pg_constraint k
               JOIN pg_class p ON p.oid = k.confrelid
              WHERE k.conrelid = c.oid AND k.contype = 'f' AND p.oid <> c.oid
              ORDER BY 1) AS parents,
       ARRAY(SELECT DISTINCT a.attname::text FROM pg_constraint k
              CROSS JOIN LATERAL unnest(k.conkey) AS u(num)
               JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num
              WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid = c.oid
                AND a.attname <> 'tenant_id' ORDER BY 1) AS own
  FROM pg_class c
 WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p')
   AND NOT c.relispartition AND EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
 ORDER BY c.relname
"""


async def all_tables(s: ReadSession, schema: str = "app") -> list[Table]:
    """Every table of a schema that holds rows of brands, parents before children."""
    return in_order(await s.all(Table, _TABLES, {"schema": schema}))


async def exported_tables(s: ReadSession) -> list[Table]:
    """The tables that an export holds with their columns, parents before children."""
    return [_carried(table) for table in await all_tables(s) if table.name not in LEFT_OUT]


def _carried(table: Table) -> Table:
    anew = MADE_ANEW.get(table.name, {})
    columns = tuple(name for name in table.columns if name not in anew)
    return msgspec.structs.replace(table, columns=columns)


def in_order(tables: list[Table]) -> list[Table]:
    """Parents before children, otherwise by name."""
    left = {table.name: table for table in sorted(tables, key=lambda one: one.name)}
    ordered: list[Table] = []
    while left:
        free = [one for one in left.values() if not any(name in left for name in one.parents)]
        if not free:
            raise RuntimeError(f"tables refer to each other in a circle: {', '.join(left)}")
        ordered += free
        for one in free:
            del left[one.name]
    return ordered
