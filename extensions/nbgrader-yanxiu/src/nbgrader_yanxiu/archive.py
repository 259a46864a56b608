"""Take apart the tars that the service sends, in memory.

Decides which archives are taken: regular files only, plain relative names, bounded. The
platform packed them, but this runs in a teacher's home and so looks all the same. Pure.
"""

import io
import tarfile
import unicodedata

MAX_FILES = 1000
MAX_BYTES = 100_000_000


class BadArchive(ValueError):
    """It is not what the service sends."""


def unpack(archive: bytes, *, strip_top: bool = False) -> dict[str, bytes]:
    """Return the files of an uncompressed tar by name.

    :param strip_top: all lie below one folder, which is left out of the names
    :raises BadArchive: links, special files, strange names, too many, too big, or no tar
    """
    files: dict[str, bytes] = {}
    total = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            for member in tar:
                total += member.size
                if not _is_taken(member) or total > MAX_BYTES or len(files) == MAX_FILES:
                    raise BadArchive(member.name)
                content = tar.extractfile(member)
                files[member.name] = content.read() if content else b""
    except (tarfile.TarError, OSError, EOFError) as error:
        raise BadArchive from error
    if not strip_top:
        return files
    if len({name.split("/")[0] for name in files}) != 1 or not all("/" in name for name in files):
        raise BadArchive
    return {name.partition("/")[2]: content for name, content in files.items()}


def _is_taken(member: tarfile.TarInfo) -> bool:
    parts = member.name.split("/")
    return (
        member.isreg()
        and not any(part in ("", ".", "..") for part in parts)
        and "\\" not in member.name
        and not any(unicodedata.category(character) == "Cc" for character in member.name)
        and unicodedata.normalize("NFC", member.name) == member.name
    )
