"""The service as the lab starts it: any variant, on any port, and nothing left of it."""

import json
import socket
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from perfstudy.errors import PerfstudyError, UsageError
from perfstudy.lab import RunningService
from perfstudy.lab.launching import build_command, open_listener
from perfstudy.lab.server import free_ports
from perfstudy.listing.compiling import arm
from perfstudy.listing.definition import SERVICE
from perfstudy.listing.lab import Database, Lab
from perfstudy.listing.variant import BASELINE, parse

from .clients import descendants, gone, left

VARIANTS = ["baseline", "gunicorn", "gunicorn+granian", "all"]


def get(service: RunningService, database: Database, target: str = "/api/programs?limit=3") -> tuple[int, Any, Any]:
    connection = HTTPConnection("127.0.0.1", int(service.url.rpartition(":")[2]), timeout=30)
    try:
        bearer = service.token(database.facts.tenant)
        connection.request("GET", target, headers={"Authorization": f"Bearer {bearer}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read()), answer.headers
    finally:
        connection.close()


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_is_served_and_leaves_nothing(lab: Lab, tiny: Database, name: str) -> None:
    variant = parse(name)
    tiny.reconcile(variant)
    with lab.serve(variant, tiny) as service:
        status, document, headers = get(service, tiny)
        assert (status, len(document["programs"])) == (200, 3)
        assert document["total_count"] == tiny.facts.current
        assert ("X-Cache" in headers) == variant.caches
        assert service.running
        found = descendants(service.pid)
        scratch = service._place.scratch
        assert scratch.exists()
    assert gone(found), left(found)
    assert not service.running
    assert not scratch.exists()


def test_a_port_of_choice_and_a_taken_one(lab: Lab, tiny: Database) -> None:
    port = next(free_ports())
    with lab.serve(BASELINE, tiny, port=port) as service:
        assert service.url == f"http://127.0.0.1:{port}"
        with pytest.raises(UsageError, match=f"port {port} is taken"):
            lab.serve(BASELINE, tiny, port=port)
    with lab.serve(BASELINE, tiny, port=port):  # as soon as it is free again
        pass


def test_a_port_that_is_taken_in_between_gives_way(lab: Lab, tiny: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ports = [other.getsockname()[1], next(free_ports())]
        monkeypatch.setattr("perfstudy.lab.services.free_ports", lambda: iter(ports))
        monkeypatch.setattr("perfstudy.lab.services.STARTING", 20.0)
        other.close()
        blocker = socket.create_server(("127.0.0.1", ports[0]))
        with blocker, lab.serve(BASELINE, tiny) as service:
            assert service.url.endswith(f":{ports[1]}")


def test_the_statements_go_where_they_are_asked_for(lab: Lab, tiny: Database, tmp_path: Path) -> None:
    log = tmp_path / "statements.jsonl"
    with lab.serve(BASELINE, tiny, statement_log=log) as service:
        get(service, tiny)
    assert any("ads_programregistry" in json.loads(line)["sql"] for line in log.read_text().splitlines())


def test_keys_stay_below_the_prefix_and_are_cleared_alone(lab: Lab, tiny: Database) -> None:
    foreign = f"foreign:{lab.key_prefix}:key"
    cached = parse("cache")
    tiny.reconcile(cached)
    lab.clear_cache()
    with lab.redis.client() as client, lab.serve(cached, tiny, key_prefix="one") as service:
        client.set(foreign, "stays", ex=60)
        assert get(service, tiny)[2]["X-Cache"] == "MISS"
        assert get(service, tiny)[2]["X-Cache"] == "HIT"
        (key,) = client.scan_iter(f"{lab.key_prefix}:*")
        assert key.startswith(f"{lab.key_prefix}:one:yelp_ads:".encode())
        assert lab.clear_cache("two") == 0
        assert lab.clear_cache("*") == 0
        assert lab.clear_cache(f"{lab.key_prefix}:one") == 1
        assert get(service, tiny)[2]["X-Cache"] == "MISS"
        assert lab.clear_cache() == 1
        assert client.delete(foreign) == 1


def test_a_service_that_cannot_start_says_why(lab: Lab, tiny: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(lab), "build_environment", lambda *_, **__: {"PERFSTUDY_VARIANT": "no-such-variant"})
    with pytest.raises(PerfstudyError, match=r"did not start as baseline:(.|\n)*no-such-variant"):
        lab.serve(BASELINE, tiny)


def test_the_baseline_is_served_by_the_development_server() -> None:
    assert build_command(SERVICE.command, 8000, Path("/tmp"))[1:] == [
        *("-m", "perfstudy.listing.service", "runserver", "127.0.0.1:8000", "--noreload"),
    ]
    assert arm(BASELINE).command == (), "the baseline keeps the service's own command"
    assert "gunicorn" in build_command(arm("gunicorn").command, 8000, Path("/tmp"))


def test_what_a_shared_socket_accepts_sends_without_delay() -> None:
    with open_listener() as shared, socket.create_connection(shared.getsockname(), timeout=60):
        shared.setblocking(True)
        with shared.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
