"""Finished bytes in the cache, plain and compressed: what is cached is what is sent."""

import gzip

import pytest

from perfstudy.listing.contract import Answer, CachePolicy
from perfstudy.listing.optimizations import bytes as finished
from perfstudy.listing.optimizations import compressed
from perfstudy.listing.requests import listing
from perfstudy.listing.service.ads.responses import accepts_coding

PLAIN = "cache+invalidate+bytes"
GZIP = "cache+invalidate+bytes+compressed"
WHOLE = listing(all="true", program_status="ALL")
TARGETS = (WHOLE, listing(limit=7), listing(business_id="nobody's"))


@pytest.fixture
def asked_twice(lab, inside):
    """A function that asks a variant twice, from an empty cache, and returns the miss and the hit."""

    def ask(variant, target, **headers):
        lab.clear_cache()
        miss, hit = (inside(variant).get(target, **headers) for _ in range(2))
        assert (miss.status, hit.status, miss.cache, hit.cache) == (200, 200, "MISS", "HIT")
        return miss, hit

    return ask


@pytest.mark.parametrize("rest", ["", "+json", "+related+values+page"])
@pytest.mark.parametrize("variant", [PLAIN, GZIP])
@pytest.mark.parametrize("target", TARGETS)
def test_a_hit_sends_the_misss_bytes_but_for_where_they_came_from(asked_twice, inside, variant, rest, target):
    miss, hit = asked_twice(variant + rest, target)
    assert miss.body == inside("baseline").get(target).body
    assert hit.body == miss.body.replace(b'"from_cache":false}', b'"from_cache":true}')


def kept(lab):
    client = lab.redis.client()
    return [client.get(key) for key in client.scan_iter(f"{lab.key_prefix}:*entry:*")]


def compressed_part(kept):
    """What is cached of a compressed answer, without the total in front of it."""
    total, _, rest = kept.partition(b"\n")
    assert int(total) >= 0
    return rest


@pytest.mark.parametrize(
    ("variant", "read"), [(PLAIN, bytes), (GZIP, lambda kept: gzip.decompress(compressed_part(kept)))]
)
def test_what_is_kept_is_what_is_sent(lab, asked_twice, variant, read):
    _, hit = asked_twice(variant, WHOLE)
    (entry,) = kept(lab)
    assert read(entry.partition(b"\n")[2]) == hit.body


def test_compression_keeps_less(lab, asked_twice):
    sizes = {}
    for variant in (PLAIN, GZIP):
        asked_twice(variant, WHOLE)
        sizes[variant] = len(kept(lab)[0])
    assert sizes[GZIP] < sizes[PLAIN] / 4


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("header", ["gzip", "GZIP;q=0.1, br", "br, *;q=0.5", "deflate , gzip ; q=1.000"])
def test_who_accepts_gzip_gets_it_as_it_is_kept(lab, asked_twice, header, method):
    miss, hit = asked_twice(GZIP, WHOLE, Accept_Encoding=header, method=method)
    assert "content-encoding" not in miss.headers
    assert hit.headers["content-encoding"] == "gzip"
    assert miss.headers["vary"] == hit.headers["vary"] == "Accept-Encoding"
    assert int(hit.headers["content-length"]) == len(compressed_part(kept(lab)[0].partition(b"\n")[2]))
    sent = miss.body.replace(b'"from_cache":false}', b'"from_cache":true}')
    assert (gzip.decompress(hit.body) if method == "GET" else hit.body) == sent


@pytest.mark.parametrize(
    "header", [None, "", "identity", "gzip;q=0", "*;q=0", "br", "*, gzip;q=0.000", "gzip;q=x", "x gzip"]
)
def test_who_does_not_gets_the_bytes_themselves(asked_twice, header):
    miss, hit = asked_twice(GZIP, WHOLE, **({} if header is None else {"Accept_Encoding": header}))
    assert "content-encoding" not in hit.headers
    assert len(hit.body) == len(miss.body) - 1
    assert hit.headers["vary"] == "Accept-Encoding"


@pytest.mark.parametrize("variant", ["baseline", PLAIN, f"{GZIP}+etag"])
def test_an_answer_says_vary_where_it_does_vary(lab, inside, variant):
    lab.clear_cache()
    varies = [inside(variant).get(WHOLE, Accept_Encoding="gzip").headers.get("vary") for _ in range(2)]
    assert varies == ["Accept-Encoding" if "compressed" in variant else None] * 2


def test_what_the_client_holds_is_not_sent_in_any_coding(lab, inside):
    lab.clear_cache()
    service = inside(f"{GZIP}+etag")
    tag = service.get(WHOLE).headers["etag"]
    again = service.get(WHOLE, If_None_Match=tag, Accept_Encoding="gzip")
    assert (again.status, again.body, again.headers["vary"]) == (304, b"", "Accept-Encoding")
    assert "content-encoding" not in again.headers


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b'{"programs":[', b'{"programs":[]', gzip.compress(b"x", mtime=0), b"\x80\x04."]
)
def test_what_another_release_kept_is_no_answer(payload):
    assert finished.FinishedBytes(CachePolicy()).load(payload) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b'{"programs":[],"from_cache":true}',
        gzip.compress(b"x", mtime=0),
        b"1\nx",
        b"x\n" + gzip.compress(b"x", mtime=0),
    ],
)
def test_nor_is_what_is_not_compressed(payload):
    assert compressed.CompressedEntries(CachePolicy()).load(payload) is None


def test_a_document_and_its_bytes_are_cached_alike():
    layer = finished.FinishedBytes(CachePolicy())
    document = {"programs": ["ü"], "total_count": 1, "offset": 0, "limit": 20, "from_cache": False}
    text = '{"programs":["ü"],"total_count":1,"offset":0,"limit":20,"from_cache":false}'.encode()
    assert layer.dump(Answer(document=document)) == layer.dump(Answer(body=text))


@pytest.mark.parametrize(
    ("header", "wanted"), [("gzip", True), ("*", True), ("*;q=0, gzip", True), ("gzip;q=0,*", False)]
)
def test_the_coding_itself_counts_before_the_star(header, wanted):
    assert accepts_coding(header, "gzip") is wanted
