"""/metrics: OpenMetrics, summed over the workers, without a tenant's name."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from perfstudy.drivers.http import Client
from perfstudy.lab import processes
from perfstudy.listing.requests import listing
from perfstudy.listing.variant import parse

from . import programs

PATHS = {
    "all": listing(limit=2),
    "business": listing(limit=2, business_id=programs.BUSINESSES[0]),
    "type": listing(limit=2, program_type="CPC"),
}


def samples(text, name):
    """The samples called *name* as a mapping from their labels, empty ones left out, to their values."""
    families = text_string_to_metric_families(text)
    return {
        tuple(sorted((k, v) for k, v in sample.labels.items() if v)): sample.value
        for family in families
        for sample in family.samples
        if sample.name == name
    }


def total(text, name, **labels):
    wanted = set(labels.items())
    return sum(value for found, value in samples(text, name).items() if wanted <= set(found))


SERVERS = ("gunicorn", "gunicorn+granian")


@pytest.fixture(scope="module", params=SERVERS)
def served(request, lab, databases):
    """A service of two workers, which nobody else asks."""
    variant = parse("cache") + request.param
    with lab.serve(variant, databases[False], key_prefix=f"metrics-{variant}") as service:
        yield service


def exposition(service):
    with Client(service.url) as client:
        answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    return answer.body.decode()


def test_the_workers_counters_are_summed(served):
    before = exposition(served)
    rounds = 6
    for _ in range(rounds):  # a connection each, so that both workers get some
        for target in PATHS.values():
            with Client(served.url, served.token(programs.TENANT)) as client:
                assert client.get(target).status == 200

    def counted(**labels):
        text = exposition(served)
        return total(text, "perfstudy_requests_total", **labels) - total(before, "perfstudy_requests_total", **labels)

    # What is counted is counted after the answer, so the last one may take a moment.
    assert processes.wait_until(lambda: sum(counted(path=path) for path in PATHS) == rounds * len(PATHS), 60)
    for path in PATHS:
        assert counted(path=path, status="200", cache="MISS") == 1
        assert counted(path=path, status="200", cache="HIT") == rounds - 1
    text = exposition(served)
    assert total(text, "perfstudy_variant_info", variant=served.arm.name) == 1
    assert total(text, "perfstudy_request_duration_seconds_count", path="all") == total(
        text, "perfstudy_requests_total", path="all"
    )
    assert 0 < total(text, "perfstudy_phase_seconds_total", path="all", phase="db") < 60


def test_no_tenant_and_nothing_that_a_client_sent_is_a_label(served):
    with Client(served.url, served.token("mallory")) as client:
        client.get(listing(business_id="mallory"))
        client.get("/mallory?mallory=1")
        client.get("/api/programs/mallory")
        client.get("/api/programs?" + "&".join(f"mallory{n}=1" for n in range(2_000)))
    text = exposition(served)
    assert "mallory" not in text
    assert programs.TENANT not in text
    assert processes.wait_until(lambda: total(exposition(served), "perfstudy_requests_total", status="404") >= 1, 60)


def test_a_worker_that_is_about_to_count_disturbs_no_reader(lab, databases, tmp_path):
    """A worker creates its file with its first count, and gives it a size in a second step."""
    folder = tmp_path / "metrics"
    folder.mkdir()
    with lab.serve(parse("gunicorn"), databases[False], key_prefix="metrics-empty", metrics=folder) as service:
        (folder / "counter_1.db").touch()
        assert total(exposition(service), "perfstudy_requests_total", path="all") == 0


@pytest.mark.parametrize("server", SERVERS)
def test_a_stopped_worker_s_counts_stay(lab, databases, server):
    import psutil

    with lab.serve(parse(server), databases[False], key_prefix="metrics-stopped") as service:
        with Client(service.url, service.token(programs.TENANT)) as client:
            client.get(PATHS["all"])
        assert processes.wait_until(lambda: total(exposition(service), "perfstudy_requests_total", path="all") == 1, 60)
        workers = psutil.Process(service.pid).children()
        for worker in workers:
            worker.terminate()
        psutil.wait_procs(workers, timeout=60)
        assert total(exposition(service), "perfstudy_requests_total", path="all") == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"programs":[],"total_count":0,"offset":0,"limit":20,"from_cache":false}', "small"),
        (b'{"programs":[],"total_count":100,"offset":0,"limit":20,"from_cache":false}', "small"),
        (b'{"programs":[],"total_count":101,"offset":0,"limit":20,"from_cache":false}', "medium"),
        (b'{"programs":[],"total_count":2671,"offset":0,"limit":null,"from_cache":true}', "large"),
        (b"{}", ""),
        (b"", ""),
    ],
)
def test_a_tenant_s_class_is_how_many_programs_it_has(inside, body, expected):
    inside("baseline")
    from perfstudy.listing.service.metrics import tenant_class

    assert tenant_class(body) == expected


COMPRESSED = "cache+invalidate+bytes+compressed"


@pytest.mark.parametrize("variant", [f"{COMPRESSED}{more}" for more in ("", "+near", "+bypass", "+keyset+etag+bypass")])
@pytest.mark.parametrize("coding", ["gzip", "identity"])
@pytest.mark.parametrize(
    ("tenant", "expected"), [(programs.TENANT, "medium"), (programs.OTHER, "small"), (programs.EMPTY, "small")]
)
def test_an_answer_in_gzip_is_classed_as_the_same_in_plain(inside, lab, variant, coding, tenant, expected):
    lab.clear_cache()
    service, target = inside(variant), listing(program_status="ALL", limit=3)

    def counted(cache):
        text = service.get("/metrics", None).body.decode()
        labels = {"path": "all", "status": "200", "cache": cache, "tenant_class": expected}
        return total(text, "perfstudy_requests_total", **labels)

    for cache, sent in (("MISS", None), ("HIT", "gzip" if coding == "gzip" else None)):
        before = counted(cache)
        answer = service.get(target, tenant, **{"Accept-Encoding": coding})
        assert (answer.cache, answer.headers.get("content-encoding")) == (cache, sent)
        assert counted(cache) == before + 1


def test_every_variant_that_finishes_bytes_is_classed_alike(inside):
    from perfstudy.listing.service.metrics import tenant_class

    target = listing(program_status="ALL", limit=3)
    for variant in ("baseline", "json", "cache", "cache+invalidate+bytes"):
        inside(variant).get(target)
        answer = inside(variant).get(target)
        assert tenant_class(answer.body) in ("small", "medium"), variant
