"""Follow the routers and blueprints that an application includes, to their paths."""

import ast
from collections.abc import Iterator, Mapping

from perfstudy.commands.initial.sources import assigned, name_call, read_text

Modules = Mapping[str, ast.Module]
"""Syntax trees by the names of their modules."""
MAKERS = {"APIRouter": "prefix", "Blueprint": "url_prefix"}
"""What makes a router, and its argument that stands before every path."""
INCLUDERS = {"include_router": "prefix", "register_blueprint": "url_prefix"}
"""The methods that include one, and the argument that stands before its paths."""


def follow(modules: Modules, module: str, owners: set[str], prefix: str = "", depth: int = 8) -> Iterator[str]:
    """Give the paths that the *owners* in a module answer a GET at.

    Those of the routers that they include are among them; what stands behind a prefix that is no literal is not.
    """
    tree = modules[module]
    yield from (prefix + path for path in _list_decorated(tree, owners))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_call(node) in INCLUDERS]
    for call in calls if depth else ():
        before = _read_prefix(call, INCLUDERS[name_call(call)])
        place, name = _resolve(modules, module, call.args[0] if call.args else None)
        made = dict(assigned(modules[place])).get(name) if place else None
        own = _read_prefix(made, MAKERS.get(name_call(made), "")) if isinstance(made, ast.Call) else None
        if _owner(call) in owners and before is not None and own is not None:
            # Flask's registration replaces the blueprint's own prefix; FastAPI's is put before it.
            joined = (before or own) if name_call(made) == "Blueprint" else before + own
            yield from follow(modules, place, {name}, prefix + joined, depth - 1)


def _list_decorated(tree: ast.Module, owners: set[str]) -> Iterator[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for call in (one for function in functions for one in function.decorator_list if isinstance(one, ast.Call)):
        path = read_text(call.args[0] if call.args else None)
        if path is not None and _owner(call) in owners and name_call(call) in ("get", "route") and takes_get(call):
            yield path


def takes_get(call: ast.Call) -> bool:
    """Return whether the route that *call* declares answers a GET."""
    methods = [one.value for one in call.keywords if one.arg == "methods"]
    return all("GET" in ast.unparse(one).upper() for one in methods)


def _owner(call: ast.Call) -> str:
    """Return the name of the object that *call* is a method of."""
    return str(getattr(getattr(call.func, "value", None), "id", ""))


def _read_prefix(call: ast.Call, argument: str) -> str | None:
    """Return the prefix that *call* gives; None where it is no literal."""
    given = [one.value for one in call.keywords if one.arg == argument]
    return read_text(given[0]) if given else ""


def _resolve(modules: Modules, module: str, node: ast.AST | None, depth: int = 4) -> tuple[str, str]:
    """Return the module and the name in it that *node* stands for in *module*.

    Both are empty where it is not found.
    """
    tree, text = modules[module], ast.unparse(node) if node is not None else ""
    if text in dict(assigned(tree)):
        return module, text
    first, _, rest = text.partition(".")
    place, _, name = ".".join(filter(None, (_list_imports(modules, module).get(first, ""), rest))).rpartition(".")
    if place not in modules or not depth:
        return "", ""
    return _resolve(modules, place, ast.Name(name), depth - 1)


def _list_imports(modules: Modules, module: str) -> dict[str, str]:
    """Return the full name of what each imported name of *module* stands for."""
    found: dict[str, str] = {}
    for node in ast.walk(modules[module]):
        if isinstance(node, ast.Import):
            found |= {one.asname or one.name: one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _find_base(modules, module, node)
            found |= {one.asname or one.name: f"{base}.{one.name}".lstrip(".") for one in node.names}
    return found


def _find_base(modules: Modules, module: str, node: ast.ImportFrom) -> str:
    """Return the full name of the module that *node* imports from."""
    if not node.level:
        return node.module or ""
    is_package = any(name.startswith(f"{module}.") for name in modules)
    parents = module.split(".")[: len(module.split(".")) - node.level + is_package]
    return ".".join(filter(None, (*parents, node.module)))
