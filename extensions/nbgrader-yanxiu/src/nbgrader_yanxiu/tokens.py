"""Where a token lies: a server's in its environment, a person's own in theirs or in a file.

Read at the moment of use and never kept. A file that others can read is refused, because
then it is not only theirs any more. Called by ``wire``.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from nbgrader_yanxiu.errors import NotConnected

#: Below the home folder, unless YANXIU_TOKEN_FILE says another place.
FILE = ".config/yanxiu/token"


def learning(environ: Mapping[str, str]) -> str:
    """Return the server's own token; outside of a server, the person's.

    :raises NotConnected: there is none
    """
    token = environ.get("JUPYTERHUB_API_TOKEN") or _own(environ)
    if not token:
        raise NotConnected("no_server")
    return token


def teaching(environ: Mapping[str, str]) -> str:
    """Return the token for teaching: never the server's. :raises NotConnected: there is none"""
    token = _own(environ)
    if not token:
        raise NotConnected("no_teach_token")
    return token


def _own(environ: Mapping[str, str]) -> str:
    if environ.get("YANXIU_TOKEN"):
        return environ["YANXIU_TOKEN"]
    named = environ.get("YANXIU_TOKEN_FILE")
    path = Path(named) if named else Path(environ.get("HOME", "/"), FILE)
    try:
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            if state.st_uid != os.getuid() or stat.S_IMODE(state.st_mode) & 0o077:
                raise NotConnected("token_file_open", path=path)
            return file.read(1000).decode("ascii", "replace").strip()
    except OSError:
        if named:
            raise NotConnected("token_file_none", path=path) from None
        return ""
