"""What the operator must do for this version, out of CHANGELOG.md, which comes with the program.

A demand is a paragraph that begins with 您要做的. Called by ``yanxiu upgrade --check``.
"""

from importlib.resources import files

FILE = "CHANGELOG.md"
MARK = "您要做的"


def changelog() -> str:
    """Return the file; in a source tree the package has a link to it."""
    return files("yanxiu").joinpath(FILE).read_text("utf-8")


def demands(text: str) -> list[tuple[str, list[str]]]:
    """Return (version, what is to be done) of each version that demands anything, newest first.

    >>> demands("## 2.0\\n\\n- 新\\n\\n您要做的：备份。\\n- 再启动。\\n\\n## 1.0\\n\\n- 旧\\n")
    [('2.0', ['您要做的：备份。', '- 再启动。'])]
    """
    found: list[tuple[str, list[str]]] = []
    version, wanted = "", False
    for line in text.splitlines():
        if line.startswith("## "):
            version, wanted = line.removeprefix("## ").strip(), False
        elif line.startswith(MARK):
            wanted = True
        elif not line.strip():
            wanted = False
        if wanted:
            if not found or found[-1][0] != version:
                found.append((version, []))
            found[-1][1].append(line)
    return found
