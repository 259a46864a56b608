"""Start a grading worker: ``python -m yanxiu.grading.worker``, everything by environment.

Decides nothing about grading: reads the environment, makes the two clients, hands both
to ``loop``. Started by ``yanxiu up``.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from socket import gethostname

import httpx

from yanxiu.errors import SettingsError
from yanxiu.sandbox.client import SyncLauncher
from yanxiu.settings.limits import WORKER_MEMORY_MB

from .client import Records
from .limit import limit
from .loop import work

VARIABLES = ("YANXIU_RECORDS_INTERNAL", "YANXIU_WORKER_TOKEN", "YANXIU_LAUNCHER_SOCKET")
INTERNAL = "/internal/v1"


@dataclass(frozen=True)
class Environment:
    """What a worker is told at its start.

    :param records: base URL of records' internal API, ``http://…/internal/v1``
    :param token: the worker's own; good for leasing jobs and nothing else
    :param socket: the sandbox launcher's
    :param name: for the organizer's list of jobs
    """

    records: str
    token: str = field(repr=False)
    socket: Path
    name: str


def from_environment(environ: Mapping[str, str]) -> Environment:
    """Read what ``yanxiu up`` sets; ``YANXIU_WORKER_NAME`` may be missing.

    :raises SettingsError: a variable is missing
    """
    missing = [name for name in VARIABLES if not environ.get(name)]
    if missing:
        raise SettingsError(f"缺少环境变量 {', '.join(missing)}。请用 yanxiu up 启动本服务。")
    address = environ["YANXIU_RECORDS_INTERNAL"].rstrip("/").removesuffix(INTERNAL)
    return Environment(
        records=f"{address}{INTERNAL}/",
        token=environ["YANXIU_WORKER_TOKEN"],
        socket=Path(environ["YANXIU_LAUNCHER_SOCKET"]),
        name=environ.get("YANXIU_WORKER_NAME") or f"{gethostname()}-{os.getpid()}",
    )


def run(environment: Environment, stopping: threading.Event) -> None:
    """Grade until ``stopping`` is set."""
    http = httpx.Client(
        base_url=environment.records,
        # Next door, a tar is sent faster than it is compressed.
        headers={"Authorization": f"token {environment.token}", "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(30, connect=5),
        # A proxy of the environment is for the internet; records is next door.
        trust_env=False,
    )
    with http:
        work(
            Records(http, wait=stopping.wait),
            SyncLauncher(environment.socket),
            name=environment.name,
            stopping=stopping,
        )


def main() -> int:
    """Run until SIGTERM or Ctrl-C; the job in hand goes back to the queue."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # httpx logs every URL, and a lease is in some of them.
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        environment = from_environment(os.environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    limit(WORKER_MEMORY_MB)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run(environment, stopping)
    return 0


if __name__ == "__main__":
    sys.exit(main())
