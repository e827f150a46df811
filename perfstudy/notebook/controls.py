"""Controls over published results: the figure is drawn anew when one moves."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Options = Mapping[str, Any]
"""Values by how they are written; numbers make a slider, anything else a list to choose from."""


@dataclass(frozen=True, repr=False)
class Control:
    """What *draw* returns for the chosen values, with a control for each.

    Without a kernel, or without ipywidgets, it is the figure of the values that it starts with.
    """

    draw: Callable[..., Any]
    choices: Mapping[str, Options]
    """By the name of the argument of ``draw``."""
    start: Mapping[str, str]
    """How the values are written that it starts with."""

    def __call__(self, **chosen: str) -> Any:
        """Return the figure of the values that are written so, by default the first."""
        written = {**self.start, **chosen}
        return self.draw(**{name: options[written[name]] for name, options in self.choices.items()})

    def __repr__(self) -> str:
        return repr(self())

    def _ipython_display_(self) -> None:
        display: Any = sys.modules["IPython.display"].display
        figure = self()
        widgets = self._widgets() if _has_kernel() else {}
        if widgets:
            from ipywidgets import VBox

            display(VBox(list(widgets.values())))
        shown = display(figure, display_id=True)

        def redraw(_: Any) -> None:
            shown.update(self.draw(**{name: widget.value for name, widget in widgets.items()}))

        for widget in widgets.values():
            widget.observe(redraw, "value")

    def _widgets(self) -> dict[str, Any]:
        """Return a widget for each choice; none where ipywidgets is not installed."""
        try:
            import ipywidgets
        except ModuleNotFoundError:
            return {}
        look = {"style": {"description_width": "10em"}, "layout": {"width": "32em"}}
        found = {}
        for name, options in self.choices.items():
            numeric = all(isinstance(value, int | float) for value in options.values())
            kind = ipywidgets.SelectionSlider if numeric else ipywidgets.Dropdown
            slow = {"continuous_update": False} if numeric else {}
            found[name] = kind(
                options=list(options.items()),
                value=options[self.start[name]],
                description=name.replace("_", " "),
                **look,
                **slow,
            )
        return found


def _has_kernel() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return hasattr(shell, "kernel")
