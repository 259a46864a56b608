"""What a notebook is called, and what browsers and people make of its name. Pure."""

import re
from collections.abc import Collection, Sequence

_COPY = re.compile(r"(?:\s*[(（]\d+[)）]|-Copy\d+|\s*[-_]\s*副本(?:\s*[(（]?\d+[)）]?)?)+$", re.I)
_NAMED = re.compile(
    r"(?P<stem>.+?)\.ipynb(?P<copy>\s*[(（]\d+[)）])?(?:\.(?:json|txt))?(?P<more>\s*[(（]\d+[)）])?",
    re.I,
)


def notebook_name(name: str) -> str | None:
    """Return what a notebook was called before a browser saved it; None of another file.

    >>> notebook_name("a1.ipynb.json"), notebook_name("a1 (2).ipynb.txt"), notebook_name("a1.txt")
    ('a1.ipynb', 'a1 (2).ipynb', None)
    >>> notebook_name("a1.ipynb (1).json"), notebook_name("a1.IPYNB")
    ('a1 (1).ipynb', 'a1.ipynb')
    """
    folder, slash, last = name.rpartition("/")
    named = _NAMED.fullmatch(last)
    if named is None:
        return None
    more = named["copy"] or named["more"] or ""
    return f"{folder}{slash}{named['stem']}{more}.ipynb"


def meant(wanted: Sequence[str], there: Collection[str]) -> dict[str, str]:
    """Return ``{file: notebook}`` of the files that are notebooks of ``wanted`` under another name.

    Only where it is clear: the notebook itself is not there, and one file is called like it.

    >>> meant(["p1.ipynb", "p2.ipynb"], ["p1.ipynb", "p1 (1).ipynb", "P2 (1).ipynb.json"])
    {'P2 (1).ipynb.json': 'p2.ipynb'}
    """
    found = {}
    for name in wanted:
        alike = [one for one in there if one not in wanted and _stem(one) == _stem(name)]
        if name not in there and len(alike) == 1:
            found[alike[0]] = name
    return found


def _stem(name: str) -> str | None:
    called = notebook_name(name)
    return _COPY.sub("", called.removesuffix(".ipynb")).casefold() if called else None
