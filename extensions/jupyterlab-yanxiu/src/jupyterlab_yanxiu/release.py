"""Unpack a unit's release as it comes from the records service, in memory.

Decides which archives are taken: regular files only, plain relative names, bounded.
The release is the platform's own, but this runs in a teacher's home and so checks all
the same. Pure; called by ``opening`` and ``released``.
"""

import io
import tarfile
import unicodedata
from collections.abc import Sequence

from .errors import CannotOpen

MAX_FILES = 400
MAX_BYTES = 64 * 1024 * 1024


def unpack(archive: bytes) -> dict[str, bytes]:
    """Return the files of the release, named from inside the unit's own folder.

    :param archive: uncompressed tar of regular files under ``<unit-id>/``
    :raises CannotOpen: ``bad_release``
    """
    files: dict[str, bytes] = {}
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            for member in tar:
                total += member.size
                if not _is_taken(member) or total > MAX_BYTES or len(files) == MAX_FILES:
                    raise CannotOpen("bad_release", status=502)
                content = tar.extractfile(member)
                files[member.name] = content.read() if content else b""
    except (tarfile.TarError, OSError, ValueError):
        raise CannotOpen("bad_release", status=502) from None
    tops = {name.split("/")[0] for name in files}
    if len(tops) != 1 or not all("/" in name for name in files):
        raise CannotOpen("bad_release", status=502)
    top = tops.pop()
    return {name.removeprefix(f"{top}/"): content for name, content in files.items()}


def notebook_of(files: dict[str, bytes], declared: Sequence[str] = ()) -> str:
    """Return the name of the notebook that opens first: a declared one, else the one at the top.

    :param declared: the unit's notebooks as the records service names them
    :raises CannotOpen: ``bad_release``
    """
    for name in declared:
        if name in files:
            return name
    notebooks = [name for name in files if name.endswith(".ipynb") and "/" not in name]
    if len(notebooks) != 1:
        raise CannotOpen("bad_release", status=502)
    return notebooks[0]


def _is_taken(member: tarfile.TarInfo) -> bool:
    parts = member.name.split("/")
    return (
        member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
        and not any(part in ("", ".", "..") for part in parts)
        and "\\" not in member.name
        and not any(unicodedata.category(character) == "Cc" for character in member.name)
        and unicodedata.normalize("NFC", member.name) == member.name
    )
