"""Start ngshare as its own ``main`` does, but listening on 127.0.0.1 only.

Runs in the stock environment: ``ngshare_on_loopback.py PORT FOLDER ADMIN``; the hub's
variables come by environment. ngshare itself listens on every interface.
"""

import sys
from collections import namedtuple
from pathlib import Path

from ngshare import dbutil
from ngshare.ngshare import MyApplication
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop


def main(port: int, folder: Path, admin: str) -> None:
    """Serve until told to stop."""
    database, storage = f"sqlite:///{folder}/ngshare.db", f"{folder}/files/"
    options = namedtuple("Options", ["x"])(["data=true", f"storage={storage}"])
    dbutil.upgrade(database, cmd_opts=options)
    app = MyApplication("/services/ngshare/", database, storage, admin=[admin])
    HTTPServer(app).listen(port, "127.0.0.1")
    IOLoop.current().start()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
