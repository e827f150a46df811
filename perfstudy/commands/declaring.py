"""Declare commands that check the text of their values first."""

import inspect
import os
import stat
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from perfstudy.errors import UsageError

PARSER: Any = import_module(typer.BadParameter.__module__)
"""The parser's exceptions: Click's, which some versions of Typer hold a copy of."""
LONGEST = 4096
"""Characters that one value may have: more than any path, and than any URL that a server takes."""
SHOWN = 60


class Checked(TyperCommand):
    """A command that takes only printable text and possible paths."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse *args* once as they are, to check their text, and once to convert them.

        Raises:
            UsageError: a value is no sound text, or a path that nothing can ever be written to or read from.
        """
        if ctx.resilient_parsing:  # as for completion, where the values are not whole yet
            return super().parse_args(ctx, args)
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        for parameter in self.params:
            for value in _values(given.get(str(parameter.name))):
                _check_text(parameter, value)
                if parameter.name in self._paths():
                    _check_path(parameter, value)
        try:
            return super().parse_args(ctx, args)
        except PARSER.BadParameter as error:
            values = _values(given.get(str(getattr(error.param, "name", ""))))
            if values:  # the parser's own message does not name the value
                raise _explain_refusal(error, values[-1], ctx.command_path) from None
            raise

    def _paths(self) -> set[str]:
        """Return the names of the parameters that are paths."""
        declared = inspect.signature(inspect.unwrap(self.callback)).parameters if self.callback else {}
        return {name for name, one in declared.items() if "Path" in str(one.annotation)}


class App(typer.Typer):
    """A set of commands, all of them :class:`Checked`."""

    def command(self, name: str | None = None, **declared: Any) -> Callable[[Any], Any]:
        """Declare a command."""
        return super().command(name, **{"cls": Checked, **declared})


@cache
def tree(app: typer.Typer) -> Any:
    """Return the commands of *app* as the parser has them, built once."""
    return typer.main.get_command(app)


def run(app: typer.Typer) -> None:
    """Run the command line; what the parser refuses is bad input as any other.

    Raises:
        UsageError: the arguments are none of the command's.
    """
    try:
        status = tree(app).main(standalone_mode=False)
    except PARSER.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except typer.Abort:
        raise KeyboardInterrupt from None
    except PARSER.ClickException as error:
        path = getattr(getattr(error, "ctx", None), "command_path", None) or "perfstudy"
        said = " ".join(error.format_message().split())
        raise UsageError(f"{said.rstrip('.')}; `{path} --help` says what it takes") from None
    sys.exit(status if isinstance(status, int) else 0)


def _explain_refusal(error: Any, value: str, command: str) -> UsageError:
    said = " ".join(str(error.message).split()).rstrip(".")
    return UsageError(
        f"{name_parameter(error.param)} is {shorten_value(value)}: {said}; `{command} --help` says what it takes"
    )


def _values(given: Any) -> list[str]:
    found = given if isinstance(given, list | tuple) else [given]
    return [value for value in found if isinstance(value, str)]


def _check_text(parameter: Any, value: str) -> None:
    name, shown = name_parameter(parameter), shorten_value(value)
    if not value.strip():
        raise UsageError(f"{name} is blank, {shown}: give it a value, or leave it out")
    if len(value) > LONGEST:
        raise UsageError(f"{name} is {shown}, {len(value):,} characters long: give it {LONGEST:,} at most")
    if not value.isprintable():
        raise UsageError(f"{name} is {shown}, which has a control character or bytes that are no UTF-8: leave them out")
    if value != value.strip():
        raise UsageError(f"{name} is {shown}, with blanks around it: write {value.strip()!r}")


def _check_path(parameter: Any, value: str) -> None:
    name, shown, path = name_parameter(parameter), shorten_value(value), Path(value)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise UsageError(f"{name} is {shown}: {os.strerror(error.errno or 0)}; name another path") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UsageError(f"{name} is {shown}, which is neither a file nor a folder: name another path")


def name_parameter(parameter: Any) -> str:
    """Return what people call *parameter*: ``--scale``, or ``URL``."""
    return str(parameter.opts[0] if parameter.param_type_name == "option" else str(parameter.name).upper())


def shorten_value(value: str) -> str:
    """Return *value* in quotes, its end left out where it is long."""
    return repr(value if len(value) <= SHOWN else value[: SHOWN - 3] + "...")
