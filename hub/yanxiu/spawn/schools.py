"""Where a person belongs, as a start on a cluster is told by the roster. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class School:
    """A person's school."""

    code: str
    name: str
