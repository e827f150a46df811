"""Make a study from its stored declaration."""

from collections.abc import Mapping
from typing import Any

from perfstudy.model.arm import Arm, restore_competitor
from perfstudy.model.claim import restore_claim
from perfstudy.model.service import Service
from perfstudy.model.study import Costs, Study


def restore_study(declaration: Mapping[str, Any], service: Service, costs: Costs | None = None) -> Study:
    """Return the study of a stored *declaration*; *costs* measures its costs, if any.

    An arm that is no competitor is compiled again from its name.

    Raises:
        UsageError: *service* knows no arm or scenario of a name any more.
    """
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in declaration.items()}
    fields["arms"] = tuple(_restore_arm(arm, service) for arm in declaration["arms"])
    fields["claims"] = tuple(restore_claim(claim) for claim in declaration["claims"])
    fields["costs"] = costs if declaration["costs"] else None
    return Study(**fields | {"service": service})


def _restore_arm(declaration: Mapping[str, Any], service: Service) -> Arm:
    if declaration["role"] == "competitor":
        return restore_competitor(declaration)
    return service.arm(declaration["name"]).labelled(declaration["label"], declaration["role"])
