"""Variants as arms: what the harness serves, requests and compares."""

from collections.abc import Iterable
from dataclasses import replace

from perfstudy.listing.variant import BASELINE, Variant, parse
from perfstudy.model.arm import Arm
from perfstudy.model.study import add_control

VARIANT = "PERFSTUDY_VARIANT"
"""The variable that names the service's variant."""
PAGE = "PERFSTUDY_PAGE"
"""The variable that names the folder of another page."""
DEVELOPMENT_SERVER = (
    *("{python}", "-m", "perfstudy.listing.service", "runserver"),
    *("{host}:{port}", "--noreload"),
)
"""What serves a variant that fills no server seam: Django's development server, a thread for each connection."""


def arm(variant: Variant | str) -> Arm:
    """Return the arm of *variant*, under its canonical name.

    Raises:
        UsageError: there is no such variant; the nearest names are given.
    """
    chosen = parse(variant) if isinstance(variant, str) else variant
    servers = [optimization.server for optimization in chosen if optimization.server]
    return Arm(
        label=chosen.name,
        name=chosen.name,
        role="reference" if chosen == BASELINE else "variant",
        factors=tuple(optimization.name for optimization in chosen),
        caches=chosen.caches,
        remembers=max((optimization.remembers for optimization in chosen), default=0.0),
        command=servers[-1] if servers else (),
        environment={VARIANT: chosen.name},
        schema=tuple(optimization.schema for optimization in chosen if optimization.schema),
        needs=chosen.needs,
        gives_cursors="keyset" in chosen,
    )


def arms(variants: Iterable[Variant], control: bool = True) -> tuple[Arm, ...]:
    """Return an arm for each variant, and the first once more as the *control*."""
    compiled = [arm(variant) for variant in variants]
    return add_control(compiled) if control else tuple(compiled)


def declare_competitor(
    name: str,
    title: str,
    command: tuple[str, ...],
    *,
    schema: Variant | str = BASELINE,
    caches: bool = False,
    scenarios: tuple[str, ...] = (),
) -> Arm:
    """Return the arm of another application, served in the schema of a variant.

    It answers ``/api/programs`` for the tenant of the bearer token, and ``/api/noop`` and ``/api/health`` with 200. It
    reads the addresses of the servers from the same variables as the service. It is compared only if its documents
    equal those of the baseline; their bytes may differ.
    """
    return Arm(
        label=name,
        name=name,
        role="competitor",
        title=title,
        command=command,
        schema=arm(schema).schema,
        caches=caches,
        scenarios=scenarios,
    )


def declare_page(name: str, title: str, folder: str, *, variant: Variant | str = "best") -> Arm:
    """Return the arm of another page, which *variant* shows from *folder*.

    It is compared only if it shows the same programs in the same order; its markup may differ.
    """
    served = arm(variant)
    return replace(
        served,
        label=name,
        name=name,
        role="competitor",
        title=title,
        factors=(),
        command=served.argv or DEVELOPMENT_SERVER,
        environment={**served.environment, PAGE: folder},
    )
