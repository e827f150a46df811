"""Controls over published results: each choice draws, the figure follows it, and the first one needs no kernel."""

import numpy as np
import pytest

from perfstudy.analysis.queue import response_times
from perfstudy.charts import Chart
from perfstudy.listing import explore
from perfstudy.model.table import Table
from perfstudy.notebook.controls import Control

CONTROLS = {
    "first_steps": explore.first_steps("factorial-medium"),
    "lifetimes": explore.lifetimes(),
    "variants": explore.variants("ladder-medium"),
    "queues": explore.queues("limits-medium"),
}


def _text(figure: Chart | Table) -> str:
    return figure.alt if isinstance(figure, Chart) else f"{figure.title}\n{figure!r}"


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_every_value_of_a_control_draws_what_is_its_own(control: Control) -> None:
    for name, options in control.choices.items():
        drawn = [_text(control(**{name: written})) for written in options]
        assert len(set(drawn)) == len(drawn), name
    assert _text(control()) == _text(control(**control.start))


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_a_widget_stands_for_each_choice_and_begins_where_the_figure_does(control: Control) -> None:
    widgets = control._widgets()
    assert {name: widget.label for name, widget in widgets.items()} == dict(control.start)


def test_what_to_do_first_follows_the_share_of_hits() -> None:
    control = CONTROLS["first_steps"]
    assert control(share_of_hits="0%").rows[1]["change"] in ("+ connections", "+ related")
    assert control(share_of_hits="100%").rows[1]["change"] == "+ cache"
    assert (
        control(share_of_hits="0%").rows[0]["mean response"] == control(share_of_hits="100%").rows[0]["mean response"]
    )


@pytest.mark.parametrize("load", [0.3, 0.6])
def test_a_queue_waits_as_long_as_theory_says(load: float) -> None:
    """Pollaczek and Khinchine: with equal service times S, the mean wait is load * S / (2 * (1 - load))."""
    times = response_times(load, np.ones(200_000))
    assert np.mean(times - 1) == pytest.approx(load / (2 * (1 - load)), rel=0.03)
    assert times.min() == 1


def test_a_queue_without_requests_is_refused() -> None:
    with pytest.raises(ValueError, match="0 requests"):
        response_times(1.0, [])
