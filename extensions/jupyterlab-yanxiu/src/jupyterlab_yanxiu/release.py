"""A unit's release as it comes from the records service, in memory.

Decides which of its notebooks opens. Pure; called by ``opening`` and ``released``.
"""

from collections.abc import Sequence

from yanxiu_formats import bundle

from .errors import CannotOpen


def files_of(content: bytes) -> dict[str, bytes]:
    """Return the files of the release, named from inside the unit's own folder.

    :param content: uncompressed tar of regular files under ``<unit-id>/``
    :raises CannotOpen: ``bad_release``
    """
    try:
        return bundle.unpack(content, strip_top=True)
    except bundle.BadBundle:
        raise CannotOpen("bad_release", status=502) from None


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
