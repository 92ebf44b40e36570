"""Giving a brand a plan."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from guerdon.audit.operations import record
from guerdon.kit.errors import InvalidError
from guerdon.plans import quotas
from guerdon.plans.jobs import CountUsage
from guerdon.plans.plans import ENTERPRISE, Meter, Override, check_overrides, find
from guerdon.plans.queries import Chosen, chosen
from guerdon.plumbing import outbox
from guerdon.plumbing.db import WriteSession, jsonb
from guerdon.tenancy.changes import note_change
from guerdon.tenancy.maintenance import NO_WORDS


async def set_plan(
    s: WriteSession,
    *,
    plan: str,
    overrides: Mapping[Meter, Override],
    actor: str,
    now: datetime,
    address: str = "",
    request_id: str = "",
    reason: str = "",
    words: Mapping[str, Any] = NO_WORDS,
) -> Chosen:
    """Put the brand in context on a plan, in force within a second; its own trail tells.

    The platform's side of it: any plan, any quota. Nothing that is there goes where a quota is
    smaller than that. Raises InvalidError.
    """
    find(plan)
    check_overrides(overrides, now=now)
    before = await chosen(s)
    await s.execute(
        """
        INSERT INTO app.tenant_plan (tenant_id, plan, overrides, since, changed_by)
        VALUES (%(tenant_id)s, %(plan)s, %(overrides)s, %(now)s, %(actor)s)
        ON CONFLICT (tenant_id) DO UPDATE
          SET plan = excluded.plan, overrides = excluded.overrides,
              changed_by = excluded.changed_by,
              since = CASE app.tenant_plan.plan WHEN excluded.plan THEN app.tenant_plan.since
                                                ELSE excluded.since END
        """,
        {"plan": plan, "overrides": jsonb(dict(overrides)), "now": now, "actor": actor},
    )
    quotas.forget(s.tenant_id)
    await note_change(s, "allowances")
    # The list of all brands follows.
    await outbox.put(s, CountUsage())
    await record(
        s,
        actor=actor,
        action="plan.changed",
        subject="plan",
        summary={
            "from": before.plan,
            "to": plan,
            "overrides": msgspec.to_builtins(dict(overrides)),
            **({"reason": reason} if reason else {}),
            **words,
        },
        now=now,
        address=address,
        request_id=request_id,
    )
    return await chosen(s)


async def choose_plan(
    s: WriteSession,
    *,
    plan: str,
    actor: str,
    now: datetime,
    address: str = "",
    request_id: str = "",
) -> Chosen:
    """An owner chooses another plan; the quotas that the platform gave the brand stay.

    InvalidError for a plan whose price is agreed with the platform.
    """
    if plan == ENTERPRISE:
        raise InvalidError(
            "The price of this plan is agreed. Write to the platform's support.", field="plan"
        )
    before = await chosen(s)
    return await set_plan(
        s, plan=plan, overrides=before.overrides, actor=actor, now=now, address=address,
        request_id=request_id,
    )  # fmt: skip
