"""Which short names can be had, and which only look as if they could."""

from uuid import uuid4

import pytest

from guerdon.kit.errors import InvalidError
from guerdon.onboarding import names
from guerdon.onboarding.errors import NameRefusedError
from guerdon.runtime import Runtime
from guerdon.tenancy.operator import OPERATOR_ID
from guerdon.tenancy.schemas import Tenant

ALIKE = [
    ("kettle", "kett1e"), ("kettle", "ket-tle"), ("mango", "rnango"), ("wave", "vvave"),
    ("dome", "clome"), ("solo", "so10"), ("bagel", "8a9el"), ("zest", "2e5t"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("admin", "reserved"), ("adm1n", "reserved"), ("conso1e", "reserved"),
        ("s-u-p-p-o-r-t", "reserved"), ("guerd0n", "reserved"), ("WWW", "reserved"),
        ("xn--pple-43d", "punycode"), ("XN--80ak6aa92e", "punycode"),
        ("аpple", "script"), ("café", "script"), ("ｋettle", "script"), ("ab\u200bc", "script"),
        ("a", "form"), ("-a-", "form"), ("a--b", "form"), ("a_b", "form"), ("a.b", "form"),
        ("<b>x</b>", "form"), ("x" * 41, "form"), ("a b", "form"), ("", "form"),
    ],
)  # fmt: skip
def test_what_nobody_can_have(text: str, reason: str) -> None:
    with pytest.raises(NameRefusedError) as refused:
        names.check_form(text)
    assert (refused.value.field, refused.value.params["reason"]) == ("slug", reason)


@pytest.mark.parametrize(("one", "other"), ALIKE)
async def test_both_skeletons_are_one(one: str, other: str, rt: Runtime) -> None:
    async with rt.db.control() as s:
        in_sql = [
            await s.value("SELECT ctl.name_skeleton_v1(%(slug)s)", {"slug": slug})
            for slug in (one, other)
        ]
    assert in_sql == [names.skeleton(one), names.skeleton(other)]
    assert in_sql[0] == in_sql[1]


async def test_a_name_like_another_brands_is_refused_and_others_are_suggested(
    rt: Runtime, tenant: Tenant
) -> None:
    like = (
        tenant.slug.replace("o", "0")
        if "o" in tenant.slug
        else f"{tenant.slug[:-1]}-{tenant.slug[-1]}"
    )
    async with rt.db.read(OPERATOR_ID) as s:
        for slug, reason in ((tenant.slug, "taken"), (like.replace("--", "-"), "alike")):
            with pytest.raises(NameRefusedError) as refused:
                await names.check_free(s, slug)
            assert refused.value.params == {"reason": reason}
        free = await names.suggest(s, tenant.slug)
    assert len(free) == 3
    assert free[0] == f"{tenant.slug}-club"
    async with rt.db.read(OPERATOR_ID) as s:
        await names.check_free(s, f"free-{uuid4().hex[:12]}")


def test_a_title_is_one_line_of_one_script_a_word() -> None:
    check = names.check_title
    assert check("  Padaria   da Ana ", field="name", length_max=80) == "Padaria da Ana"
    assert check("Кафе Ana", field="name", length_max=80) == "Кафе Ana"
    with pytest.raises(NameRefusedError):
        check("Аurora", field="name", length_max=80)
    for text in ("Au\u202erora", "Au\u0000rora", "", "x" * 81):
        with pytest.raises(InvalidError):
            check(text, field="name", length_max=80)
