"""Prints how `harness/` is laid out: packages, loose modules, arrows, circles, lines, and `Any`.

    python .ci/structure.py

Exits with 1 where a limit below is crossed. What imports what is read from the code; the layers
themselves stand in pyproject.toml, and `lint-imports` holds them.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import grimp
import networkx

ROOT = Path("harness")
MOST_LOOSE = 10
MOST_LINES = 400  # of a file
MOST_FUNCTION_LINES = 50
MOST_ANY = 121  # signatures that mention it; a step to fewer is committed here


def arrows(graph: grimp.ImportGraph) -> set[tuple[str, str]]:
    """Returns which module imports which."""
    return {
        (module, imported)
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    }


def room(module: str) -> str:
    """Returns the package or loose module of `harness/` that a module belongs to."""
    return ".".join(module.split(".")[:2])


def circles(pairs: set[tuple[str, str]]) -> list[list[str]]:
    """Returns groups of names that import each other in a loop."""
    groups = networkx.strongly_connected_components(networkx.DiGraph(list(pairs)))
    return sorted(sorted(group) for group in groups if len(group) > 1)


def lines_by_room() -> dict[str, dict[Path, int]]:
    """Returns the lines of each file, by the first folder below `harness/`."""
    rooms: dict[str, dict[Path, int]] = defaultdict(dict)
    for path in sorted(ROOT.rglob("*.py")):
        inside = path.relative_to(ROOT)
        name = inside.parts[0] if len(inside.parts) > 1 else "(loose)"
        rooms[name][path] = len(path.read_text(encoding="utf-8").splitlines())
    return rooms


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions() -> Iterator[tuple[Path, Function]]:
    """Yields each function of `harness/` with its file."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield path, node


def mentions_any(function: Function) -> bool:
    """Says whether a parameter or the result is of type `Any`, or of something that holds one."""
    arguments = function.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    parameters += [each for each in (arguments.vararg, arguments.kwarg) if each]
    annotations = [*(parameter.annotation for parameter in parameters), function.returns]
    names = (node for each in annotations if each for node in ast.walk(each))
    return any(isinstance(node, ast.Name) and node.id == "Any" for node in names)


def length(function: Function) -> int:
    """Returns the lines of a function, its docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def main() -> int:
    """Prints the figures; returns 1 where one is past its limit."""
    sys.path.insert(0, str(Path.cwd()))  # this checkout, whatever is installed
    modules = arrows(grimp.build_graph("harness", cache_dir=None))
    rooms = {(room(a), room(b)) for a, b in modules if room(a) != room(b)}
    loops = [*circles(modules), *circles(rooms)]
    files = lines_by_room()
    for name, lines in sorted(files.items(), key=lambda item: -sum(item[1].values())):
        print(f"{name:<12} {len(lines):>4} files {sum(lines.values()):>7,} lines")
    total = sum(sum(lines.values()) for lines in files.values())
    loose = len(files["(loose)"])
    print(f"harness/     {len(files) - 1} packages, {loose} loose modules, {total:,} lines")
    print(f"imports      {len(rooms)} arrows between packages, {len(loops)} circles")
    untyped = sum(mentions_any(function) for _, function in functions())
    print(f"types        {untyped} signatures mention Any, at most {MOST_ANY}")
    problems = [f"circle: {', '.join(loop)}" for loop in loops]
    if loose > MOST_LOOSE:
        problems.append(f"{loose} loose modules; at most {MOST_LOOSE}")
    problems += [
        f"{path}: {count} lines; at most {MOST_LINES}"
        for lines in files.values()
        for path, count in lines.items()
        if count > MOST_LINES
    ]
    problems += [
        f"{path}: {function.name} has {length(function)} lines; at most {MOST_FUNCTION_LINES}"
        for path, function in functions()
        if length(function) > MOST_FUNCTION_LINES
    ]
    if untyped > MOST_ANY:
        problems.append(f"{untyped} signatures mention Any; at most {MOST_ANY}")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
