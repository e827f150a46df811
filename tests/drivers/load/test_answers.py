"""Answers of every kind, from a real socket: the generator counts each, and waits for none that is over.

What a server may send is drawn from the grammar of RFC 9112, and what it may not from ways of breaking it. The server
ends the connection where the answer is broken or ends with it, so that nothing but the end can tell.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perfstudy.drivers.load import Load, Tally, generate_load
from perfstudy.drivers.load.answer import LIMIT
from perfstudy.drivers.load.closed_loop import ClosedLoopResult, run_clients
from perfstudy.drivers.load.connection import parse_target

PATIENCE = 20.0
"""Seconds, less than a request may take: only an answer whose end was not seen lasts as long."""
REQUESTS = 4


@dataclass(frozen=True)
class Sent:
    """What a server sends, whether it then keeps the connection, and how that counts."""

    data: bytes
    kept: bool
    outcome: str


def spelt(draw: st.DrawFn, name: str) -> bytes:
    """Return *name* in any case."""
    return "".join(draw(st.sampled_from([c.lower(), c.upper()])) for c in name).encode()


bodies = st.one_of(st.binary(max_size=300), st.integers(0, 400_000).map(lambda size: b"x" * size))
blanks = st.sampled_from([b"", b" ", b"\t ", b"  "])
reasons = st.sampled_from([b"", b" ", b" OK", b" Not at all: 404", b" \xe9t\xe9"])


@st.composite
def chunked(draw: st.DrawFn, body: bytes) -> bytes:
    """Return *body* in chunks of any size, with extensions and trailers."""
    out, rest = b"", body
    while rest:
        size = draw(st.integers(max(1, len(rest) // 5), len(rest)))
        number = draw(st.sampled_from([b"%x", b"%X", b"0%x", b"%x ;a=b", b'%x;q="1"'])) % size
        out, rest = out + number + b"\r\n" + rest[:size] + b"\r\n", rest[size:]
    return out + b"0\r\n" + draw(st.sampled_from([b"", b"Expires: 0\r\n", b"A: 1\r\nB: 2\r\n"])) + b"\r\n"


@st.composite
def well_formed(draw: st.DrawFn) -> Sent:
    """Draw an answer by the grammar, behind any number of interim ones."""
    interim = draw(st.lists(st.sampled_from([100, 102, 103, 199]), max_size=3))
    status = draw(st.sampled_from([200, 201, 204, 206, 301, 304, 400, 404, 500, 503, 599, 999]))
    framing = draw(st.sampled_from(["length", "lengths", "chunked", "coded", "closed"]))
    version = draw(st.sampled_from([b"1.1", b"1.1", b"1.0"]))
    close = draw(st.booleans())
    body = draw(bodies)
    head = [b"HTTP/%s %d%s" % (version, status, draw(reasons)), b"Server: it's mine", b"X-Empty:"]
    value = draw(blanks)
    if framing in ("length", "lengths"):
        length = b"%d" % len(body) if framing == "length" else b"%d, %d" % (len(body), len(body))
        head.append(spelt(draw, "content-length") + b":" + value + length + value)
    elif framing in ("chunked", "coded"):
        codings = spelt(draw, "chunked" if framing == "chunked" else "gzip, chunked")
        head.append(spelt(draw, "transfer-encoding") + b":" + value + codings + value)
        body = draw(chunked(body))
    if close:
        head.append(spelt(draw, "connection") + b": " + spelt(draw, "close"))
    if draw(st.booleans()):
        head.append(b"X-Folded: a\r\n\tb")
    if status in (204, 304):
        body = b""  # whatever the head says
    told = b"".join(b"HTTP/1.1 %d Wait\r\nLink: </a>\r\n\r\n" % code for code in interim)
    ended = close or version == b"1.0" or (framing == "closed" and status not in (204, 304))
    return Sent(told + b"\r\n".join(head) + b"\r\n\r\n" + body, not ended, str(status))


@st.composite
def malformed(draw: st.DrawFn) -> Sent:
    """Draw what is no whole answer."""
    good = b"HTTP/1.1 200 OK\r\n"
    garbage = st.one_of(st.binary(max_size=60), st.text(max_size=40).map(lambda text: text.encode() + b"\r\n\r\n"))
    lines = st.sampled_from(
        [
            *(b"", b"HTTP/1.1", b"HTTP/1.1 ", b"HTTP/1.1 2", b"HTTP/1.1 OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 +20 OK"),
            *(b"HTTP/1.1  200 OK", b"HTTP/2 200 OK", b"http/1.1 200 OK", b"ICY 200 OK", b"HTTP/1.1 020 OK", b"200 OK"),
            *(b"HTTP/1.1 101 Switching Protocols", b"HTTP/1.1 2\xb2\xb3 OK", b"HTTP/1.1 \xd9\xa2\xd9\xa0 OK"),
        ]
    )
    lengths = st.sampled_from([b"-1", b"+2", b"2x", b"0x2", b"1_0", b"", b"2, 3", b"\xb2", b"9" * 30])
    sizes = st.sampled_from([b"", b"-2", b"+2", b"0x2", b"1_0", b"g", b"f" * 40, b"2 2", b"\xb2"])
    fields = st.sampled_from([b"no colon", b": no name", b"name : space", b"a\x00b: c", b"caf\xe9: 1"])
    cut = st.integers(0, 30)
    data = draw(
        st.one_of(
            garbage.filter(lambda text: not re.search(rb"HTTP/1\.[01] [1-9]\d\d", text)),
            lines.map(lambda line: line + b"\r\nContent-Length: 0\r\n\r\n"),
            fields.map(lambda line: good + line + b"\r\nContent-Length: 0\r\n\r\n"),
            lengths.map(lambda value: good + b"Content-Length: " + value + b"\r\n\r\nok"),
            sizes.map(lambda size: good + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nok\r\n0\r\n\r\n"),
            st.just(good + b"Transfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n0\r\n\r\n"),
            st.just(good + b"A: " + b"a" * (2 * LIMIT) + b"\r\n\r\n"),
            st.just(good + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * (2 * LIMIT)),
            cut.map(lambda end: (good + b"Content-Length: 9\r\n\r\n123456789")[: -1 - end]),
            cut.map(lambda end: (good + b"Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n")[: -1 - end]),
        )
    )
    return Sent(data, False, "broken")


class Server:
    """A server that answers every request with the same bytes, in pieces of any size."""

    def __init__(self, sent: Sent, seed: int, pieces: int) -> None:
        self.sent, self.cuts = sent, sorted(Random(seed).choices(range(len(sent.data) + 1), k=pieces))
        self.asked: list[bytes] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        data, cuts = self.sent.data, [0, *self.cuts, len(self.sent.data)]
        try:
            while True:
                self.asked.append(await reader.readuntil(b"\r\n\r\n"))
                for start, end in pairwise(cuts):
                    writer.write(data[start:end])
                    await writer.drain()
                    await asyncio.sleep(0)
                if not self.sent.kept:
                    return
        except (EOFError, OSError):
            pass
        finally:
            writer.close()


async def against(server: Server, use: Callable[[str], Awaitable[None]]) -> None:
    """Run *use* with the URL of *server*, in one loop and for a bounded time."""
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    async with listening, asyncio.timeout(PATIENCE):
        await use(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}")


def counted(server: Server) -> Tally:
    """What the open loop counts of *server*."""
    tallies: list[Tally] = []

    async def use(url: str) -> None:
        load = Load(target=parse_target(url), rate=1e5, duration=REQUESTS / 1e5, arrivals="constant", connections=2)
        tallies.append(load.tally())
        await generate_load(load, tallies[0])

    asyncio.run(against(server, use))
    return tallies[0]


fuzzing = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@fuzzing
@given(st.one_of(well_formed(), malformed()), st.integers(0, 1 << 30), st.integers(0, 6))
def test_every_answer_is_counted_for_what_it_is(sent: Sent, seed: int, pieces: int) -> None:
    tally = counted(Server(sent, seed, pieces))
    assert dict(tally.outcomes) == {sent.outcome: REQUESTS}
    assert tally.outstanding == 0
    assert len(tally.latency) == tally.answered == (REQUESTS if sent.outcome < "4" else 0)


@settings(fuzzing, max_examples=25)
@given(well_formed(), st.integers(0, 6))
def test_a_connection_is_used_again_where_the_answer_allows_it(sent: Sent, pieces: int) -> None:
    """One client of the closed loop asks again as soon as it can; connections are what the server sees of that."""
    server = Server(sent, 1, pieces)
    connections: list[object] = []
    original = server.answer

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await original(reader, writer)

    server.answer = answer  # type: ignore[method-assign]
    tally = counted(server)
    assert tally.outcomes.total() == len(server.asked) == REQUESTS
    assert (len(connections) <= 2) if sent.kept else (len(connections) == REQUESTS)


@pytest.mark.parametrize("extra", [b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"x", b"\r\n"])
def test_bytes_that_were_not_asked_for_are_not_the_next_answer(extra: bytes) -> None:
    tally = counted(Server(Sent(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok" + extra, True, "201"), 1, 0))
    assert tally.outcomes == {"201": REQUESTS}


@settings(fuzzing, max_examples=15)
@given(st.one_of(well_formed(), malformed()))
def test_the_closed_loop_counts_them_too(sent: Sent) -> None:
    borne = ClosedLoopResult(0.1)

    async def use(url: str) -> None:
        await run_clients(parse_target(url), 2, borne)

    asyncio.run(against(Server(sent, 1, 2), use))
    assert borne.answered + borne.failed > 0
    assert (borne.failed == 0) == (sent.outcome == "200")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://[::1]:8000", "[::1]:8000"),
        ("http://[2001:db8::1]", "[2001:db8::1]:80"),
        ("http://127.0.0.1:1", "127.0.0.1:1"),
        ("http://example.org", "example.org:80"),
    ],
)
def test_the_host_is_written_as_in_a_url(url: str, host: str) -> None:
    assert f"\r\nHost: {host}\r\n".encode() in parse_target(url).request
