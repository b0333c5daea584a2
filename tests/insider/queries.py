"""Which part of a query does which address read? Read from the source, so that nobody can forget one here.

What is read by its name, or by a form as its field, is found; what is read as a whole is `ANY`. A page that another module
reads the query for is not followed: `read_by` says so, because nothing would ask it.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import tocsin
from tests.insider.routes import Route

ROOT: Final = Path(tocsin.__file__).parent
ANY: Final = "*"
# The framework's own pages are not ours to read; this is what they look at.
OF_THE_FRAMEWORK: Final = frozenset({"next"})
Reads = dict[tuple[str, str], frozenset[str]]


def read_by(routes: Iterable[Route]) -> dict[str, frozenset[str]]:
    """Return by route's name which names of a query its page reads. A read that no page reaches is under `module.function`."""
    reads = reads_of_source()
    found: dict[str, frozenset[str]] = {}
    reached: set[tuple[str, str]] = set()
    for route in routes:
        if not route.module.startswith("tocsin."):
            found[route.name] = OF_THE_FRAMEWORK
            continue
        here = {
            (route.module, name) for name in _reachable(route.module, route.view)
        } & reads.keys()
        reached |= here
        if here:
            found[route.name] = frozenset(name for each in here for name in reads[each])
    return found | {".".join(each): reads[each] for each in reads.keys() - reached}


@cache
def reads_of_source() -> Reads:
    """Return the names that are read of a query, by module and function (or class)."""
    found: Reads = {}
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if ".GET" not in text and "QUERY_STRING" not in text:
            continue
        tree = ast.parse(text)
        constants = _constants(tree)
        for part in _parts(tree).values():
            names = frozenset(_names(part, constants))
            if names:
                found[_module(path), part.name] = names
    return found


Part = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _module(path: Path) -> str:
    return ".".join(("tocsin", *path.relative_to(ROOT).with_suffix("").parts))


def _parts(tree: ast.Module) -> dict[str, Part]:
    return {part.name: part for part in tree.body if isinstance(part, Part)}


@cache
def _reachable(module: str, view: str) -> frozenset[str]:
    """Return the functions and classes of this module that a view comes to, itself among them."""
    path = ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")
    if not path.exists():
        return frozenset()
    parts = _parts(ast.parse(path.read_text(encoding="utf-8")))
    seen: set[str] = set()
    waiting = [view]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in parts:
            continue
        seen.add(name)
        waiting += [node.id for node in ast.walk(parts[name]) if isinstance(node, ast.Name)]
    return frozenset(seen)


def _constants(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name):
                found[target.id] = str(node.value.value)
    return found


def _names(part: Part, constants: Mapping[str, str]) -> Iterator[str]:
    queries = {id(node) for node in ast.walk(part) if isinstance(node, ast.Attribute) and node.attr == "GET"}  # fmt: skip
    aliases: dict[str, set[int]] = {}
    for node in ast.walk(part):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            inner = _plain(node.value, queries)
            if inner:
                aliases[node.targets[0].id] = inner
        if isinstance(node, ast.Constant) and node.value == "QUERY_STRING":
            yield ANY
    followed = {each for inner in aliases.values() for each in inner}
    for node in ast.walk(part):
        for asked, key in _asked(node):
            if isinstance(asked, ast.Name) and asked.id in aliases:
                yield _text(key, constants)
            elif id(asked) in queries:
                followed.add(id(asked))
                yield _text(key, constants)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            inside = {each for given in node.args for each in _plain(given, queries)}
            fields = _fields(node.func.id) if inside else frozenset()
            followed |= inside if fields else set()
            yield from fields
    if queries - followed:
        yield ANY


def _plain(value: ast.expr, queries: set[int]) -> set[int]:
    """Return the queries that this is, or may be: as it stands, or beside what else it may be."""
    if id(value) in queries:
        return {id(value)}
    if isinstance(value, ast.IfExp):
        return _plain(value.body, queries) | _plain(value.orelse, queries)
    if isinstance(value, ast.BoolOp):
        return {each for part in value.values for each in _plain(part, queries)}
    return set()


def _asked(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what is asked for a key, and the key."""
    if isinstance(node, ast.Subscript):
        yield node.value, node.slice
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        if node.func.attr in {"get", "getlist"}:
            yield node.func.value, node.args[0]
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        yield node.comparators[0], node.left


def _text(key: ast.expr, constants: Mapping[str, str]) -> str:
    if isinstance(key, ast.Constant):
        return str(key.value)
    return constants.get(key.id, ANY) if isinstance(key, ast.Name) else ANY


@cache
def _fields(form: str) -> frozenset[str]:
    """Return the fields of the form of this name, none if there is no such class."""
    for path in ROOT.rglob("forms*.py"):
        part = _parts(ast.parse(path.read_text(encoding="utf-8"))).get(form)
        if isinstance(part, ast.ClassDef):
            return frozenset(
                target.id
                for node in part.body
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
                for target in node.targets
                if isinstance(target, ast.Name)
            )
    return frozenset()
