"""Leases on two running services, while workers and Redis fail: no answer is stale."""

from benchmarks.lease_faults import FAULTS, serve_and_run


def test_no_answer_is_stale_whatever_fails(lab, tmp_path_factory):
    folder = tmp_path_factory.mktemp("redis")
    folder.chmod(0o777)
    seen = serve_and_run(lab, folder, operations=2_000, clients=2, faults=len(FAULTS))
    assert seen["stale"] == 0
    assert {fault.__name__ for fault in FAULTS} <= seen.keys()
    assert min(seen["hit"], seen["miss"], seen["updates"]) > 0
