"""Serve records: ``python -m yanxiu.portal.serve --port N``, once or several times on one port.

Each process opens a socket of its own on the same address (``SO_REUSEPORT``), and the kernel
deals the connections out; so each can die and be started again without the others. Started
by ``yanxiu up``, which says how many. What is served is ``app``'s to say.
"""

import argparse
import gc
import socket
import sys

import uvicorn

from yanxiu.web.measure import into_files

_BACKLOG = 2048
_STARTUP_FAILED = 3
#: Between two looks for garbage. Python's 700 are fewer than one request makes.
_ALLOCATIONS = 10_000


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens beside those of other processes of this user.

    :raises OSError: somebody else has the port
    """
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        found.bind((host, port))
        found.listen(_BACKLOG)
    except OSError:
        found.close()
        raise
    return found


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    # Of the grading worker alone: sandboxes are led to the other, which has no /internal.
    parser.add_argument("--internal-port", type=int)
    given = parser.parse_args()
    into_files()
    config = uvicorn.Config(
        "yanxiu.portal.app:create_app",
        factory=True,
        # Addresses carry receipt tokens: they are not for a log.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    config.load()
    # What was imported stays: it need not be looked through for garbage again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    server = uvicorn.Server(config)
    ports = [port for port in (given.port, given.internal_port) if port]
    server.run(sockets=[listen(given.host, port) for port in ports])
    if not server.started:
        sys.exit(_STARTUP_FAILED)


if __name__ == "__main__":
    main()
