"""Tell which language a notebook is in: a kernel says it in three places, and not always in each.

nbgrader looks at ``kernelspec.language`` alone and takes what says nothing for Python; then a
kernel that is not there fails at the first submission. Pure; called by ``reading``.
"""

import re
from collections.abc import Mapping
from typing import Any

#: Kernels by the beginning of their names, for notebooks that say no more.
_KERNELS: Mapping[str, str] = {
    "ir": "R",
    "irkernel": "R",
    "xr": "R",
    "julia": "Julia",
    "xcpp": "C++",
    "cling": "C++",
    "octave": "Octave",
    "matlab": "MATLAB",
    "imatlab": "MATLAB",
    "sagemath": "SageMath",
    "bash": "Bash",
    "java": "Java",
    "ijava": "Java",
    "kotlin": "Kotlin",
    "scala": "Scala",
    "spylon": "Scala",
    "almond": "Scala",
    "javascript": "JavaScript",
    "jslab": "JavaScript",
    "tslab": "TypeScript",
    "deno": "TypeScript",
    "haskell": "Haskell",
    "ihaskell": "Haskell",
    "ruby": "Ruby",
    "rust": "Rust",
    "gophernotes": "Go",
    "xsqlite": "SQL",
    "postgres": "SQL",
    "stata": "Stata",
    "sas": "SAS",
    "prolog": "Prolog",
    "wolframlanguage": "Wolfram",
    "ocaml-jupyter": "OCaml",
    "xlua": "Lua",
    "maxima": "Maxima",
    ".net-csharp": "C#",
    ".net-fsharp": "F#",
    ".net-powershell": "PowerShell",
    "powershell": "PowerShell",
    "c": "C",
}
_PYTHON = re.compile(r"i?py(thon)?[\d.]*")


def foreign(metadata: Mapping[str, Any]) -> str | None:
    """Return a notebook's language as it names it itself, None if it is Python.

    >>> foreign({"language_info": {"name": "R", "version": "4.1"}})
    'R'
    >>> foreign({"kernelspec": {"name": "ir", "display_name": "R"}})
    'R'
    >>> foreign({"kernelspec": {"name": "conda-env-py311-py"}}), foreign({})
    (None, None)
    """
    spec, info = _of(metadata, "kernelspec"), _of(metadata, "language_info")
    for said in (spec.get("language"), info.get("name")):
        if isinstance(said, str) and said.strip() and not _PYTHON.fullmatch(said.strip().lower()):
            return said.strip()[:40]
    name = str(spec.get("name") or "").lower()
    return _KERNELS.get(re.sub(r"(?<=[a-z])[-_]?\d[\w.+-]*$", "", name))


def _of(metadata: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = metadata.get(key)
    return found if isinstance(found, Mapping) else {}
