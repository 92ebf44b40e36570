"""A programme's state as one hash: whatever time can change, without ids and recording times."""

import hashlib
from typing import Any

import msgspec

from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

# Members are called by the brand's own id; what refers to a wallet refers to them. That somebody
# joined is of real time.
QUERIES = {
    "wallets": """
        SELECT m.external_id, a.posted, a.held, a.debt, a.closed_at
          FROM app.ledger_account a JOIN whose m ON m.account_id = a.id
         WHERE a.tenant_id = %(tenant_id)s""",
    "transactions": """
        SELECT m.external_id, t.kind, t.points, t.balance_after, t.occurred_at,
               t.parameters_version, t.source, t.event_id,
               (SELECT jsonb_agg(jsonb_build_array(p.part -> 'expires_on', p.part -> 'points')
                                 ORDER BY p.part ->> 'expires_on', p.part ->> 'points')
                  FROM jsonb_array_elements(t.explanation -> 'lots') AS p (part)) AS lots
          FROM app.ledger_txn t JOIN whose m ON m.account_id = t.account_id
         WHERE t.tenant_id = %(tenant_id)s""",
    "lots": """
        SELECT m.external_id, l.expires_on, l.remaining
          FROM app.ledger_lot l JOIN whose m ON m.account_id = l.account_id
         WHERE l.tenant_id = %(tenant_id)s""",
    "holds": """
        SELECT m.external_id, h.points, h.state, h.placed_at, h.expires_at, h.resolved_at
          FROM app.ledger_hold h JOIN whose m ON m.account_id = h.account_id
         WHERE h.tenant_id = %(tenant_id)s""",
    "tiers": """
        SELECT m.external_id, s.period, s.qualifying
          FROM app.tier_standing s JOIN whose m ON m.account_id = s.account_id
         WHERE s.tenant_id = %(tenant_id)s""",
    "versions": """
        SELECT v.version, v.effective_at, encode(v.content_hash, 'hex') AS content_hash
          FROM app.parameter_version v WHERE v.tenant_id = %(tenant_id)s""",
    "notices": """
        SELECT m.external_id, n.kind, n.channel, n."values"
          FROM app.message_log n JOIN whose m ON m.id = n.member_id
         WHERE n.tenant_id = %(tenant_id)s""",
    "events": """
        SELECT m.external_id, e.type, e.occurred_at, e.data - 'transactionId' AS data
          FROM app.webhook_event e JOIN whose m ON m.id = e.member_id
         WHERE e.tenant_id = %(tenant_id)s AND e.type NOT LIKE 'member.%%'""",
}
_ROWS = """
WITH whose AS (SELECT id, account_id, external_id FROM app.member WHERE tenant_id = %(tenant_id)s)
SELECT coalesce(jsonb_agg(to_jsonb(q) ORDER BY to_jsonb(q)::text), '[]') FROM ({}) q
"""


async def state(rt: Runtime, tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """Every row, by subject."""
    async with rt.db.read(tenant.id) as s:
        return {name: await s.value(_ROWS.format(query)) for name, query in QUERIES.items()}


def hash_of(told: dict[str, list[dict[str, Any]]]) -> str:
    """The state as one line."""
    return hashlib.sha256(msgspec.json.encode(told, order="deterministic")).hexdigest()
