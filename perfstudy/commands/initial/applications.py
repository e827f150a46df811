"""Find the WSGI and ASGI applications of a project, and the paths they answer."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from perfstudy.commands.initial.routers import follow, takes_get
from perfstudy.commands.initial.sources import assigned, name_call, name_module, read_text

Trees = Mapping[Path, ast.Module]
FRAMEWORKS = {"FastAPI": "asgi", "Starlette": "asgi", "Litestar": "asgi", "Quart": "asgi", "Flask": "wsgi"}
"""The classes of applications, and the protocol of each."""
SETTINGS = {"WSGI_APPLICATION": "wsgi", "ASGI_APPLICATION": "asgi"}
"""Django's settings that name an application."""
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")
"""The full name of something in a module."""
GETTERS = {"get_wsgi_application": "wsgi", "get_asgi_application": "asgi"}
"""Django's functions that make an application."""


@dataclass(frozen=True)
class Application:
    """An application, as its file declares it.

    *target* is ``module:name``, as servers take it; *protocol* is ``wsgi`` or ``asgi``.
    """

    framework: str
    protocol: str
    target: str
    file: Path
    """The file that declares it."""
    factory: bool = False
    """Whether the name is of a function that returns the application."""


def find_applications(trees: Trees, root: Path) -> tuple[Application, ...]:
    """Return the applications that *trees* declare, the likeliest first.

    Django's go before the others, and those of the shallowest files before deeper ones.
    """
    found = [*_in_settings(trees), *_by_getter(trees, root), *_instances(trees, root)]
    first: dict[str, Application] = {}
    for one in found:
        first.setdefault(one.target, one)
    return tuple(first.values())


def _in_settings(trees: Trees) -> Iterator[Application]:
    for path, tree in trees.items():
        for name, value in assigned(tree):
            module, _, called = (read_text(value) or "").rpartition(".")
            if name in SETTINGS and DOTTED.fullmatch(f"{module}.{called}"):
                yield Application("Django", SETTINGS[name], f"{module}:{called}", path)


def _by_getter(trees: Trees, root: Path) -> Iterator[Application]:
    """Give Django's applications by the function that makes them."""
    for protocol in ("wsgi", "asgi"):
        for path, tree in trees.items():
            for name, value in assigned(tree):
                if GETTERS.get(name_call(value)) == protocol:
                    yield Application("Django", protocol, f"{name_module(path, root)}:{name}", path)


def _instances(trees: Trees, root: Path) -> Iterator[Application]:
    for path, tree in trees.items():
        module = name_module(path, root)
        for node in tree.body:
            framework = next((one for one in map(name_call, ast.walk(node)) if one in FRAMEWORKS), "")
            if not framework:
                continue
            made = {name for name, value in assigned(node) if name_call(value) == framework}
            if isinstance(node, ast.FunctionDef) and _returns(node, made, framework):
                called = node.name if FRAMEWORKS[framework] == "asgi" else f"{node.name}()"
                yield Application(framework, FRAMEWORKS[framework], f"{module}:{called}", path, factory=True)
            elif made and isinstance(node, ast.Assign | ast.AnnAssign):
                yield Application(framework, FRAMEWORKS[framework], f"{module}:{min(made)}", path)


def _returns(function: ast.FunctionDef, names: set[str], framework: str) -> bool:
    """Return whether *function* needs no argument, and returns what it made."""
    required = len(function.args.args) - len(function.args.defaults)
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return required == 0 and any(getattr(one, "id", "") in names or name_call(one) == framework for one in returned)


def list_routes(application: Application, trees: Trees, root: Path) -> tuple[str, ...]:
    """Return the paths that *application* answers a GET at, without parameters."""
    modules = {name_module(path, root): tree for path, tree in trees.items()}
    found = _list_urls(modules) if application.framework == "Django" else _list_own(modules, application, root)
    paths = dict.fromkeys(path if path.startswith("/") else f"/{path}" for path in found)
    return tuple(path for path in paths if not set(path) & set("<{(^$ ") and path.isascii() and path.isprintable())


def _list_own(modules: Mapping[str, ast.Module], application: Application, root: Path) -> Iterator[str]:
    module = name_module(application.file, root)
    names = {name for name, value in assigned(modules[module]) if name_call(value) in FRAMEWORKS}
    yield from follow(modules, module, names)
    yield from _listed(modules[module])


def _list_urls(modules: Mapping[str, ast.Module]) -> Iterator[str]:
    named = [value for tree in modules.values() for name, value in assigned(tree) if name == "ROOT_URLCONF"]
    for name in filter(None, map(read_text, named)):
        yield from _follow_urls(modules, name, "", ())


def _follow_urls(modules: Mapping[str, ast.Module], name: str, prefix: str, above: tuple[str, ...]) -> Iterator[str]:
    if name not in modules or name in above:
        return
    for call in (node for node in ast.walk(modules[name]) if isinstance(node, ast.Call)):
        route = read_text(call.args[0]) if name_call(call) == "path" and len(call.args) > 1 else None
        if route is None:
            continue
        view = call.args[1]
        if isinstance(view, ast.Call) and name_call(view) == "include":
            inner = read_text(view.args[0] if view.args else None) or ""
            yield from _follow_urls(modules, inner, prefix + route, (*above, name))
        elif not ast.unparse(view).startswith("admin."):
            yield prefix + route


def _listed(tree: ast.Module) -> Iterator[str]:
    """Give the paths of ``Route(…)``, as Starlette declares them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_call(node) == "Route" and node.args and takes_get(node):
            yield read_text(node.args[0]) or "{unknown}"
