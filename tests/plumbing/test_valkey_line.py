"""The line to Valkey that readers share."""

import asyncio

import pytest

from guerdon.kit.ids import uuid7
from guerdon.plumbing import valkey_line
from guerdon.plumbing.cache import key, open_valkey
from guerdon.plumbing.valkey_line import Line, LineError
from guerdon.settings import Settings


async def test_everybody_gets_their_own_answer(settings: Settings) -> None:
    valkey = open_valkey(settings.redis_url)
    names = [key(None, "line", uuid7()) for _ in range(50)]
    for n, name in enumerate(names):
        await valkey.set(name, str(n), ex=60)
    answers = await asyncio.gather(*(valkey.getex(name, ex=600) for name in names))
    assert answers == [str(n).encode() for n in range(50)]
    assert 590 < await valkey.ttl(names[0]) <= 600
    assert await valkey.getex(key(None, "line", uuid7()), ex=60) is None
    await valkey.aclose()


async def test_a_refusal_is_nobody_elses(settings: Settings) -> None:
    valkey, line = open_valkey(settings.redis_url), Line(settings.redis_url)
    listed, name = key(None, "line", uuid7()), key(None, "line", uuid7())
    await valkey.sadd(listed, "a")
    await valkey.set(name, "b", ex=60)
    wrong, right = await asyncio.gather(
        line.ask("GET", listed), line.ask("GET", name), return_exceptions=True
    )
    assert isinstance(wrong, LineError)
    assert "WRONGTYPE" in str(wrong)
    assert right == b"b"
    line.close()
    await valkey.delete(listed)
    await valkey.aclose()


async def test_a_lost_line_is_laid_again(settings: Settings) -> None:
    valkey, line = open_valkey(settings.redis_url), Line(settings.redis_url)
    number = await line.ask("CLIENT", "ID")
    assert await valkey.client_kill_filter(_id=str(number)) == 1
    await asyncio.sleep(0)
    # The one who finds it dead asks the library; the next one has a new line.
    found = [await _asked(line) for _ in range(2)]
    assert found[-1] == b"PONG"
    await valkey.aclose()
    line.close()


async def _asked(line: Line) -> object:
    try:
        return await line.ask("PING")
    except LineError as error:
        return error


async def test_one_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valkey_line, "ANSWER_S", 0.05)
    told = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"SELECT")
        writer.write(b"+OK\r\n")
        await told.wait()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    line = Line(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0")
    asked = await asyncio.gather(*(_asked(line) for _ in range(3)))
    assert [str(one) for one in asked] == ["the connection was lost"] * 3
    told.set()
    server.close()


async def test_nobody_there() -> None:
    with pytest.raises(LineError):
        await Line("redis://127.0.0.1:1/0").ask("PING")
