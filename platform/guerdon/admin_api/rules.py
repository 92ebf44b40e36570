"""Rules for whom something is meant, tried while they are written: what is wrong and where, and how
many of some members they let in."""

import time
from datetime import datetime
from typing import Annotated, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta

from guerdon.admin_api.requests import AdminRequest, answer
from guerdon.identity.policy import staff
from guerdon.kit.rules import Fact, Facts, RuleError
from guerdon.parameters.sections import ProgrammeParameters
from guerdon.parameters.snapshot import Snapshot
from guerdon.recommendations.eligibility import VOCABULARY, check_rule
from guerdon.recommendations.offers import CABINS, CONTEXTS, PRODUCTS
from guerdon.recommendations.samples import sampled
from guerdon.recommendations.service import engine
from guerdon.runtime import Runtime
from guerdon.theming.translations import LANGUAGES, choose_language, translator
from guerdon.tiers.parameters import TierParameters
from guerdon.wire.openapi import Ask
from guerdon.wire.values import In, Out

TAGS = ["Recommendations"]
# Rules are tried at every pause of a typing hand; members do not change as fast.
KEPT_S: Final = 60.0


class RuleIn(In, frozen=True):
    """A rule in the programme's rule language; empty lets everybody in."""

    rule: Annotated[str, Meta(max_length=4000)]


class RuleTerm(Out, frozen=True):
    """What a rule may name: its type, and the values there are where they are known."""

    name: str
    type: str
    values: list[str]


class RuleFault(Out, frozen=True):
    """Why the rule is none: a code, the sentence, and the character where it stands."""

    code: str
    message: str
    column: int | None


class RuleTried(Out, frozen=True):
    """Of `sampled` members it lets in `let_in`; of `untold` it cannot say, and they stay out."""

    fault: RuleFault | None
    sampled: int
    let_in: int
    untold: int
    terms: list[RuleTerm]


@post("/{brand:str}/recommendations/rule", operation_id="tryRule", operation_class=Ask,
      opt={"policy": staff("simulation:run")}, tags=TAGS, status_code=200)  # fmt: skip
async def tried(request: AdminRequest, data: JSONBody[RuleIn]) -> Response[RuleTried]:
    """Say what is wrong with a rule, or how many of up to a hundred members it lets in."""
    rt, snapshot = request.rt, request.snapshot
    terms = [RuleTerm(t.name, t.type, _values(t.name, snapshot)) for t in VOCABULARY.terms]
    found = next(iter(check_rule(data.rule, "rule")), None)
    if found is not None:
        accepted = request.headers.get("accept-language", "")
        language = choose_language(LANGUAGES, accept_language=accepted)
        message = found.text(translator(language).text)
        column = found.params.get("column")
        fault = RuleFault(found.code, message, int(column) if column is not None else None)
        return answer(RuleTried(fault, 0, 0, 0, terms))
    members = await _members(rt, snapshot, request.now)
    verdicts = [_holds(data.rule, facts) for facts in members]
    return answer(RuleTried(None, len(members), verdicts.count(True), verdicts.count(None), terms))


def _holds(rule: str, facts: Facts) -> bool | None:
    if not rule:
        return True
    try:
        return VOCABULARY.rule(rule).holds(facts)
    except RuleError:
        return None


_Kept = dict[tuple[UUID, int], tuple[float, list[Facts]]]
_kept: WeakKeyDictionary[object, _Kept] = WeakKeyDictionary()


async def _members(rt: Runtime, snapshot: Snapshot, now: datetime) -> list[Facts]:
    kept = _kept.setdefault(rt.changes, {})
    key = (snapshot.tenant_id, snapshot.version)
    at, members = kept.get(key, (0.0, []))
    if members and time.monotonic() - at < KEPT_S:
        return members
    for old in [k for k, (then, _) in kept.items() if time.monotonic() - then >= KEPT_S]:
        del kept[old]
    async with rt.db.read(snapshot.tenant_id) as s:
        drawn = await sampled(s)
    known: list[dict[str, Fact]] = [
        await engine(rt).facts_of(member_id, snapshot=snapshot, now=now) for member_id in drawn
    ]
    members = [VOCABULARY.facts(facts) for facts in known]
    kept[key] = (time.monotonic(), members)
    return members


def _values(name: str, snapshot: Snapshot) -> list[str]:
    match name:
        case "tier":
            return [tier.key for tier in snapshot[TierParameters].tiers]
        case "language":
            return [str(one) for one in snapshot[ProgrammeParameters].languages]
        case "context":
            return list(CONTEXTS)
        case "cabin":
            return list(CABINS)
        case "bought":
            return list(PRODUCTS)
        case _:
            return []


HANDLERS = [tried]
