"""What our wheels say they require, followed through the metadata of what is installed here."""

import re
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
OURS = {
    tomllib.loads(path.read_text("utf-8"))["project"]["name"]: path
    for path in (
        ROOT / "pyproject.toml",
        ROOT / "courses/pyproject.toml",
        *ROOT.glob("extensions/*/pyproject.toml"),
    )
}
#: `make lock` leaves them out and says why.
LEFT_OUT = {"rfc3987-syntax", "lark"}


def declared(name: str, extras: Iterable[str] = ()) -> list[Requirement]:
    """Return the requirements of one of our wheels with ``extras``, self-references resolved."""
    project = tomllib.loads(OURS[name].read_text("utf-8"))["project"]
    lines = list(project.get("dependencies", ()))
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    found: list[Requirement] = []
    for one in map(Requirement, lines):
        if one.name == name:
            found += [two for two in declared(name, one.extras) if two not in found]
        elif one not in found:
            found.append(one)
    return found


def closure(requirements: Iterable[Requirement]) -> set[str]:
    """Return the names of all distributions that ``requirements`` install, ours too."""
    seen: set[tuple[str, str]] = set()
    todo = list(requirements)
    while todo:
        one = todo.pop()
        name = canonicalize_name(one.name)
        for extra in ("", *one.extras):
            if (name, extra) in seen or name in LEFT_OUT:
                continue
            seen.add((name, extra))
            todo += declared(name) if name in OURS else _installed(name, extra)
    return {name for name, _ in seen}


def _installed(name: str, extra: str) -> list[Requirement]:
    try:
        lines = distribution(name).requires or ()
    except PackageNotFoundError:
        raise AssertionError(
            f"{name} is required and not installed: make lock, then install"
        ) from None
    found = [Requirement(line) for line in lines]
    return [
        one
        for one in found
        if (not one.marker or one.marker.evaluate({"extra": extra}))
        # Of an extra, only what it adds.
        and (not extra or (one.marker and not one.marker.evaluate({"extra": ""})))
    ]


def locked(name: str) -> dict[str, str]:
    """Return name → version of a lock file, of what this platform takes of it."""
    text = (ROOT / name).read_text("utf-8")
    pins = [Requirement(line) for line in re.findall(r"^([a-z0-9][^\\\n]*==[^\\\n]*)", text, re.M)]
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins
        if not pin.marker or pin.marker.evaluate()
    }
