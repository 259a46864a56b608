"""Start housekeeping: ``python -m yanxiu.housekeeping.process``, everything by environment.

Decides nothing about the tasks: reads the environment, opens the store, and runs two loops,
one for what comes by itself and one for what people asked for, so that neither waits for the
other. Any number of such processes may run. Started by ``yanxiu up``.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from socket import gethostname

from yanxiu.errors import SettingsError
from yanxiu.people.idnumber import IdKey
from yanxiu.settings.load import load_site
from yanxiu.settings.secrets import from_environment
from yanxiu.store.bucket import open_blobs
from yanxiu.store.engine import Store, open_store
from yanxiu.store.leases import LEASE_S
from yanxiu.store.runner import IDLE_S, split, work
from yanxiu.store.tasks import Kinds

from .kinds import kinds

VARIABLES = ("YANXIU_DATA", "YANXIU_SITE")


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Run until SIGTERM or Ctrl-C; the tasks in hand go back to the queue."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        missing = [name for name in VARIABLES if not environ.get(name)]
        if missing:
            raise SettingsError(f"缺少环境变量 {', '.join(missing)}。请用 yanxiu up 启动本服务。")
        data = Path(environ["YANXIU_DATA"])
        site = load_site(Path(environ["YANXIU_SITE"]))
        key = IdKey(bytes.fromhex(from_environment(environ, "id_numbers")["id_numbers"]))
        blobs = open_blobs(site.blobs, data / "blobs", environ)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    url = environ.get("YANXIU_DATABASE_URL") or f"sqlite:///{data / 'db' / 'yanxiu.sqlite'}"
    store = open_store(url, blobs)
    store.min_free_percent = site.storage.min_free_percent
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        run(
            store,
            kinds(site, key, data / "homes"),
            stopping,
            float(environ.get("YANXIU_TASK_LEASE_S", LEASE_S)),
        )
    finally:
        store.close()
    return 0


def run(store: Store, every: Kinds, stopping: threading.Event, lease_s: float) -> None:
    """Carry out tasks until ``stopping`` is set."""
    worker = f"{gethostname()}-{os.getpid()}"
    regular, asked = split(every)
    loops = [
        threading.Thread(
            target=work,
            args=(store, part),
            kwargs={
                "worker": f"{worker}-{name}",
                "stopping": stopping,
                "lease_s": lease_s,
                "idle_s": idle_s,
            },
            name=name,
        )
        # Somebody looks at what they asked for; what comes by itself is not that urgent.
        for name, part, idle_s in (("regular", regular, 5.0), ("asked", asked, IDLE_S))
    ]
    for loop in loops:
        loop.start()
    for loop in loops:
        loop.join()


if __name__ == "__main__":
    sys.exit(main())
