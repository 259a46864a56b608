"""What others may notice of an attack at most, and what the platform's parts may hold meanwhile.

Pure. The seconds are a multiple of what is seen while nobody attacks, because machines differ and
are busy; the megabytes are what each part needs for its work, and room for it. Without the
defences the same attacks took 26 to 66 s of everybody's time, and 363 to 1,660 MB more.
Called by ``python -m tests.attacks``.
"""

from collections.abc import Sequence
from typing import Protocol

#: Private memory of each part, MB: of all its processes together.
MOST_MB = {"hub": 450, "records": 350, "proxy": 450, "launcher": 60, "worker": 250}
#: Seconds of one page at most: so many, and so many times what one took while nobody attacked.
SECONDS, TIMES = 2.0, 10
#: Of so many pages of another teacher, one may fail.
PAGES = 20


class Noticed(Protocol):
    """What was seen during one attack (``measure``)."""

    name: str
    portal: list[float]
    server: list[float]
    failed: int
    memory: dict[str, float]


def exceeded(found: Sequence[Noticed]) -> list[str]:
    """Return a sentence for everything that went beyond its bound, none when all held."""
    calm = [one for one in found if one.name.startswith("nothing")]
    said = []
    for one in found:
        for page in ("portal", "server"):
            usual = max((max(getattr(other, page), default=0.0) for other in calm), default=0.0)
            most = max(getattr(one, page), default=0.0)
            if one not in calm and most > SECONDS + TIMES * usual:
                said.append(f"{one.name}: {page} {most:.1f} s, {usual:.2f} s without an attack")
        pages = len(one.portal) + len(one.server) + one.failed
        if one.failed * PAGES > pages:
            said.append(f"{one.name}: {one.failed} of {pages} pages failed")
        said += [
            f"{one.name}: {part} {one.memory[part]:.0f} MB, more than {most}"
            for part, most in MOST_MB.items()
            if one.memory.get(part, 0.0) > most
        ]
    return said
