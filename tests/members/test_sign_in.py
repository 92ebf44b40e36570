"""Signing in by code and by password: one answer for all, few tries, nobody locked out."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from guerdon.identity import codes, passwords, sessions, tokens
from guerdon.identity.errors import CodeRefusedError, SignInRefusedError, WeakPasswordError
from guerdon.kit.errors import InvalidError, TooManyRequestsError
from guerdon.kit.ids import secret_token, uuid7
from guerdon.members import operations, queries, sign_in
from guerdon.members.errors import EmailTakenError, TermsNotAcceptedError
from guerdon.members.linking import Visitor
from guerdon.members.schemas import Member
from guerdon.runtime import Runtime
from guerdon.tenancy.schemas import Tenant

NOW = datetime(2026, 11, 12, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


def visitor(address: str = "198.51.100.7", known: str | None = None) -> Visitor:
    return Visitor(secret_token(16), address, known)


class Brand:
    """A tenant with one member, and the flows with their usual arguments."""

    def __init__(self, rt: Runtime, tenant: Tenant) -> None:
        self.rt, self.tenant = rt, tenant

    async def snapshot(self) -> Any:
        return await self.rt.snapshot(self.tenant.id, NOW)

    async def member(self, email: str = "ana@example.com", password: str | None = None) -> Member:
        hashed = await passwords.hash_password(password) if password else None
        async with self.rt.db.write(self.tenant.id) as s:
            made = await operations.join(
                s, id=uuid7(), email=email, name="Ana Lima", snapshot=await self.snapshot(),
                now=NOW,
            )  # fmt: skip
            if hashed:
                await passwords.store(s, member_id=made.id, hashed=hashed, now=NOW)
            return made

    async def ask(self, who: Visitor, email: str = "ana@example.com", purpose: str = codes.SIGN_IN,
                  now: datetime = NOW) -> UUID:  # fmt: skip
        return await sign_in.request_code(
            self.rt, tenant_id=self.tenant.id, snapshot=await self.snapshot(), purpose=purpose,
            email=email, language="en", visitor=who, now=now,
        )  # fmt: skip

    async def mail(self, challenge_id: UUID, now: datetime = NOW) -> codes.CodeLetter | None:
        async with self.rt.db.read(self.tenant.id) as s:
            return await codes.letter(s, self.rt.settings, code_id=challenge_id, now=now)

    async def code(self, challenge_id: UUID) -> str:
        letter = await self.mail(challenge_id)
        assert letter is not None
        return letter.code

    async def give(
        self, who: Visitor, challenge_id: UUID, code: str, now: datetime = NOW
    ) -> Member:
        return await sign_in.with_code(
            self.rt, tenant_id=self.tenant.id, snapshot=await self.snapshot(),
            challenge_id=challenge_id, code=code, visitor=who, now=now,
        )  # fmt: skip

    async def password(self, who: Visitor, password: str, email: str = "ana@example.com") -> Member:
        return await sign_in.with_password(
            self.rt, tenant_id=self.tenant.id, snapshot=await self.snapshot(), email=email,
            password=password, visitor=who, now=NOW,
        )  # fmt: skip

    async def join(self, who: Visitor, challenge_id: UUID, code: str, **more: Any
                   ) -> tuple[Member, bool]:  # fmt: skip
        asked = {"email": "new@example.com", "name": "Nia", "terms_version": "1",
                 "consent_choices": {"offers_mail": True}, **more}  # fmt: skip
        return await sign_in.join(
            self.rt, tenant_id=self.tenant.id, snapshot=await self.snapshot(),
            challenge_id=challenge_id, code=code, visitor=who, now=NOW, **asked,
        )  # fmt: skip


@pytest.fixture
def brand(rt: Runtime, tenant: Tenant) -> Brand:
    return Brand(rt, tenant)


@pytest.fixture
async def generous(rt: Runtime, make_tenant: Any) -> Brand:
    """A brand whose limits are out of the way of what else is tested."""
    limits = {"tries_per_account_h": 1000, "tries_per_address_h": 100_000}
    return Brand(rt, await make_tenant(security=limits))


async def test_a_code_signs_in_once(brand: Brand) -> None:
    ana, who = await brand.member(), visitor()
    challenge = await brand.ask(who, "ANA@example.com")
    letter = await brand.mail(challenge)
    assert letter is not None
    assert (letter.to, letter.minutes, len(letter.code)) == ("ana@example.com", 10, 6)
    signed = await brand.give(who, challenge, f" {letter.code[:3]} {letter.code[3:]}")
    assert signed.id == ana.id
    with pytest.raises(CodeRefusedError):
        await brand.give(who, challenge, letter.code)
    async with brand.rt.db.read(brand.tenant.id) as s:
        assert (await queries.member(s, member_id=ana.id)).email_verified_at == NOW


async def test_no_code_is_stored_anywhere(brand: Brand) -> None:
    await brand.member()
    challenge = await brand.ask(visitor())
    code = await brand.code(challenge)
    async with brand.rt.db.read(brand.tenant.id) as s:
        for table in ("one_time_code", "outbox"):
            rows = await s.all(
                str, f"SELECT t::text FROM app.{table} t WHERE tenant_id = %(tenant_id)s"
            )
            assert rows
            assert not any(f",{code}," in row or f'"{code}"' in row for row in rows)
        payload = await s.value(
            "SELECT payload::text FROM app.outbox WHERE tenant_id = %(tenant_id)s"
            " AND topic <> 'domain.event'"
        )
    assert payload == f'{{"code_id": "{challenge}"}}'


async def test_an_unknown_email_gets_the_same_answer_and_no_mail(brand: Brand) -> None:
    who = visitor()
    challenge = await brand.ask(who, "nobody@example.com")
    assert isinstance(challenge, UUID)
    assert await brand.mail(challenge) is None
    with pytest.raises(CodeRefusedError):
        await brand.give(who, challenge, "000000")


async def test_a_code_is_good_for_ten_minutes(brand: Brand) -> None:
    await brand.member()
    who = visitor()
    challenge = await brand.ask(who)
    code = await brand.code(challenge)
    late = NOW + timedelta(minutes=10)
    assert await brand.mail(challenge, late) is None
    with pytest.raises(CodeRefusedError):
        await brand.give(who, challenge, code, late)
    signed = await brand.give(who, challenge, code, late - timedelta(seconds=1))
    assert signed.email == "ana@example.com"


async def test_codes_that_ran_out_are_swept(generous: Brand) -> None:
    await generous.member()
    await asyncio.gather(*[generous.ask(visitor()) for _ in range(30)])
    later = NOW + timedelta(hours=1)
    await asyncio.gather(*[generous.ask(visitor(), now=later) for _ in range(10)])
    async with generous.rt.db.read(generous.tenant.id) as s:
        left = await s.all(
            datetime,
            "SELECT expires_at FROM app.one_time_code WHERE tenant_id = %(tenant_id)s",
        )
    assert left == [later + timedelta(minutes=10)] * 10


async def test_another_browser_cannot_use_the_code(brand: Brand) -> None:
    await brand.member()
    who = visitor()
    challenge = await brand.ask(who)
    code = await brand.code(challenge)
    with pytest.raises(CodeRefusedError):
        await brand.give(visitor(), challenge, code)
    assert (await brand.give(who, challenge, code)).email == "ana@example.com"


async def test_another_brand_cannot_use_the_code(
    brand: Brand, rt: Runtime, make_tenant: Any
) -> None:
    await brand.member()
    other = Brand(rt, await make_tenant())
    await other.member()
    who = visitor()
    challenge = await brand.ask(who)
    with pytest.raises(CodeRefusedError):
        await other.give(who, challenge, await brand.code(challenge))


async def test_five_tries_and_no_more_in_parallel(generous: Brand) -> None:
    await generous.member()
    who = visitor()
    challenge = await generous.ask(who)
    code = await generous.code(challenge)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    await asyncio.gather(
        *[generous.give(who, challenge, wrong) for _ in range(40)], return_exceptions=True
    )
    async with generous.rt.db.read(generous.tenant.id) as s:
        tries = await s.value(
            "SELECT tries FROM app.one_time_code WHERE tenant_id = %(tenant_id)s AND id = %(id)s",
            {"id": challenge},
        )
    assert tries == 5
    with pytest.raises(CodeRefusedError):
        await generous.give(who, challenge, code)


async def test_the_right_code_in_parallel_signs_in_exactly_once(generous: Brand) -> None:
    await generous.member()
    who = visitor()
    challenge = await generous.ask(who)
    code = await generous.code(challenge)
    answers = await asyncio.gather(
        *[generous.give(who, challenge, code) for _ in range(20)], return_exceptions=True
    )
    assert sum(isinstance(a, Member) for a in answers) == 1


async def test_strangers_get_few_tries_and_never_lock_the_member_out(brand: Brand) -> None:
    """Ten addresses, sixty passwords at once: five are looked at, and the member still gets in."""
    await brand.member(password=PASSWORD)
    tries = [
        brand.password(visitor(f"203.0.113.{n % 10}"), f"wrong guess number {n}") for n in range(60)
    ]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(a, SignInRefusedError) for a in answers) == 5
    assert sum(isinstance(a, TooManyRequestsError) for a in answers) == 55
    with pytest.raises(TooManyRequestsError):
        await brand.password(visitor("192.0.2.1"), PASSWORD)
    signed = await brand.password(visitor("192.0.2.1", known="k" * 32), PASSWORD)
    assert signed.email == "ana@example.com"


async def test_one_address_cannot_try_many_accounts(rt: Runtime, make_tenant: Any) -> None:
    brand = Brand(rt, await make_tenant(security={"tries_per_address_h": 8}))
    answers = await asyncio.gather(
        *[brand.password(visitor(), PASSWORD, f"m{n}@example.com") for n in range(30)],
        return_exceptions=True,
    )
    assert sum(isinstance(a, SignInRefusedError) for a in answers) == 4
    assert sum(isinstance(a, TooManyRequestsError) for a in answers) == 26


async def test_codes_are_sent_to_one_account_a_few_times(brand: Brand) -> None:
    await brand.member()
    answers = await asyncio.gather(
        *[brand.ask(visitor(f"203.0.113.{n}")) for n in range(20)], return_exceptions=True
    )
    assert sum(isinstance(a, UUID) for a in answers) == 5


async def test_passwords_sign_in_and_old_hashes_are_renewed(
    brand: Brand, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await brand.member()
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    async with brand.rt.db.write(brand.tenant.id) as s:
        await passwords.store(s, member_id=ana.id, hashed=weak.hash(PASSWORD), now=NOW)
    assert (await brand.password(visitor(), PASSWORD)).id == ana.id
    async with brand.rt.db.read(brand.tenant.id) as s:
        stored = await passwords.stored_password(s, member_id=ana.id)
    assert stored is not None
    assert stored.hash.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert (await brand.password(visitor(), PASSWORD)).id == ana.id


@pytest.mark.parametrize("email", ["ana@example.com", "nobody@example.com", "not an e-mail"])
async def test_a_wrong_password_and_an_unknown_email_sound_alike(brand: Brand, email: str) -> None:
    await brand.member(password=PASSWORD)
    with pytest.raises(SignInRefusedError) as refused:
        await brand.password(visitor(), "wrong horse battery", email)
    assert (refused.value.detail, refused.value.field, refused.value.params) == (
        "E-mail or password is not right", None, {},
    )  # fmt: skip


async def test_a_blocked_member_stays_out(brand: Brand) -> None:
    ana = await brand.member(password=PASSWORD)
    who = visitor()
    challenge = await brand.ask(who)
    code = await brand.code(challenge)
    async with brand.rt.db.write(brand.tenant.id) as s:
        await operations.block(s, member_id=ana.id, now=NOW)
    with pytest.raises(CodeRefusedError):
        await brand.give(who, challenge, code)
    with pytest.raises(SignInRefusedError):
        await brand.password(visitor(), PASSWORD)
    assert await brand.mail(await brand.ask(visitor())) is None


async def test_passwords_can_be_switched_off(rt: Runtime, make_tenant: Any) -> None:
    brand = Brand(rt, await make_tenant(security={"password_sign_in": False}))
    await brand.member(password=PASSWORD)
    with pytest.raises(SignInRefusedError):
        await brand.password(visitor(), PASSWORD)


async def test_a_new_password_ends_every_session_and_token(brand: Brand) -> None:
    ana = await brand.member()
    token, _ = await sessions.start(
        brand.rt.valkey, tenant_id=brand.tenant.id, member_id=ana.id, host="h", method="code",
        idle=timedelta(hours=1), absolute=timedelta(days=1), now=NOW,
    )  # fmt: skip
    await sign_in.set_password(
        brand.rt, tenant=brand.tenant, member_id=ana.id, password=PASSWORD, now=NOW
    )
    async with brand.rt.db.read(brand.tenant.id) as s:
        topics = await s.all(str, "SELECT topic FROM app.outbox WHERE tenant_id = %(tenant_id)s")
        assert sorted(topics) == ["domain.event", "identity.end_sessions"]
        assert await tokens.grants(s, member_id=ana.id, now=NOW) == []
    assert (await brand.password(visitor(), PASSWORD)).id == ana.id
    assert token


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "length"), ("x" * 201, "length"), ("1234567890", "common"),
        ("password123!", "common"), ("P@ssw0rd2026", "common"), ("qwertyuiop1", "common"),
        ("aaaaaaaaaaaa", "common"), ("abcdefghijkl", "common"), ("flamengo2026", "common"),
        ("ana.lima.1990", "common"), ("lima20261234", "common"), ("!!!!2026!!!!", "common"),
        ("correct horse", None), ("ana lima likes limes", None),
        ("ünïcode ist länger", None),
    ],
)  # fmt: skip
def test_what_is_guessed_first_is_refused(password: str, reason: str | None) -> None:
    if reason is None:
        passwords.check_strength(password, about=["Ana Lima", "ana"])
        return
    with pytest.raises(WeakPasswordError) as refused:
        passwords.check_strength(password, about=["Ana Lima", "ana"])
    assert refused.value.params["reason"] == reason


async def test_joining_needs_the_code_the_terms_and_a_name(brand: Brand) -> None:
    who = visitor()
    challenge = await brand.ask(who, "new@example.com", codes.JOIN)
    code = await brand.code(challenge)
    for more, error in (
        ({"terms_version": None}, TermsNotAcceptedError),
        ({"terms_version": "0"}, TermsNotAcceptedError),
        ({"name": ""}, InvalidError),
    ):
        with pytest.raises(error):
            await brand.join(who, challenge, code, **more)
    member, is_new = await brand.join(who, challenge, code)
    assert (is_new, member.email, member.name) == (True, "new@example.com", "Nia")
    async with brand.rt.db.read(brand.tenant.id) as s:
        stored = await queries.member(s, member_id=member.id)
        assert stored.email_verified_at == NOW


async def test_a_code_for_one_email_does_not_join_with_another(brand: Brand) -> None:
    who = visitor()
    challenge = await brand.ask(who, "new@example.com", codes.JOIN)
    code = await brand.code(challenge)
    with pytest.raises(CodeRefusedError):
        await brand.join(who, challenge, code, email="victim@example.com")
    async with brand.rt.db.read(brand.tenant.id) as s:
        assert (await queries.listing(s)).items == []


async def test_joining_with_an_email_that_is_there_signs_in(brand: Brand) -> None:
    ana, who = await brand.member(), visitor()
    challenge = await brand.ask(who, "ana@example.com", codes.JOIN)
    member, is_new = await brand.join(
        who, challenge, await brand.code(challenge), email="Ana@example.com", name="Imposter"
    )
    assert (member.id, is_new, member.name) == (ana.id, False, "Ana Lima")


async def test_an_email_changes_when_the_new_one_is_proved(brand: Brand) -> None:
    ana, bia, who = await brand.member(), await brand.member("bia@example.com"), visitor()
    snapshot = await brand.snapshot()
    shared = {"tenant_id": brand.tenant.id, "snapshot": snapshot, "member_id": ana.id,
              "visitor": who, "now": NOW}  # fmt: skip
    challenge = await sign_in.request_step_up(brand.rt, new_email="ana@new.example", **shared)
    code = await brand.code(challenge)
    with pytest.raises(CodeRefusedError):
        await sign_in.step_up(
            brand.rt, challenge_id=challenge, code=code, new_email="evil@new.example", **shared
        )
    challenge = await sign_in.request_step_up(brand.rt, new_email="ana@new.example", **shared)
    changed = await sign_in.step_up(
        brand.rt, challenge_id=challenge, code=await brand.code(challenge),
        new_email="ana@new.example", **shared,
    )  # fmt: skip
    assert (changed.id, changed.email) == (ana.id, "ana@new.example")
    challenge = await sign_in.request_step_up(brand.rt, new_email="bia@example.com", **shared)
    with pytest.raises(EmailTakenError):
        await sign_in.step_up(
            brand.rt, challenge_id=challenge, code=await brand.code(challenge),
            new_email="bia@example.com", **shared,
        )  # fmt: skip
    async with brand.rt.db.read(brand.tenant.id) as s:
        assert (await queries.member(s, member_id=bia.id)).email == "bia@example.com"


async def test_a_step_up_code_is_the_members_own(brand: Brand) -> None:
    ana, bia, who = await brand.member(), await brand.member("bia@example.com"), visitor()
    snapshot = await brand.snapshot()
    shared = {"tenant_id": brand.tenant.id, "snapshot": snapshot, "visitor": who, "now": NOW}
    challenge = await sign_in.request_step_up(brand.rt, member_id=bia.id, **shared)
    code = await brand.code(challenge)
    with pytest.raises(CodeRefusedError):
        await sign_in.step_up(
            brand.rt, member_id=ana.id, challenge_id=challenge, code=code, **shared
        )
