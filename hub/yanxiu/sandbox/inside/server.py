"""Run a teacher's JupyterLab on the Unix socket that the launcher passed in.

JupyterHub's own single-user extension does the logging in; only where it accepts is
ours. Started by the launcher as ``python -m inside.server``.
"""

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from . import paths, quick, relay, sessions


def _listener() -> socket.socket:
    sock = socket.socket(fileno=int(os.environ.pop("YANXIU_LISTEN_FD")))
    sock.setblocking(False)
    sock.set_inheritable(False)
    return sock


def main() -> None:
    """Serve until told to stop."""
    relay.start()
    listener = _listener()
    paths.leave_programs()
    quick.leave_out()
    port = os.environ.pop("YANXIU_PORT")
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/")
    os.environ["JUPYTERHUB_SERVICE_URL"] = f"http://127.0.0.1:{port}{prefix}"
    os.environ["JUPYTER_CONFIG_PATH"] = config_path(os.environ)
    home = Path.home()
    os.chdir(home)
    serve(listener, home)


def config_path(environ: Mapping[str, str]) -> str:
    """Return where Jupyter and nbgrader look for their settings, the first going before."""
    folders = ["jupyter"]
    if environ.get("YANXIU_ASSIGNMENT_LIST") == "1":
        folders.insert(0, "jupyter_assignment_list")
    return os.pathsep.join(str(Path(__file__).parent / folder) for folder in folders)


def serve(listener: socket.socket, home: Path) -> None:
    """Run JupyterLab for JupyterHub; it accepts on ``listener`` and shows ``home``."""
    from jupyter_server.serverapp import ServerApp
    from jupyterhub.singleuser.extension import JupyterHubSingleUser

    class Server(ServerApp):
        """Jupyter Server on a socket that exists already."""

        def _find_http_port(self) -> None:
            """Nothing to find."""

        def _bind_http_server_tcp(self) -> bool:
            self.http_server.add_socket(listener)
            sessions.watch(self)
            return True

    JupyterHubSingleUser.serverapp_class = Server
    flags = []
    if os.environ.get("YANXIU_FULL"):
        from . import full_home

        full_home.empty_bin(home)
        flags.append("--ServerApp.contents_manager_class=inside.full_home.Files")
    JupyterHubSingleUser.launch_instance(
        [
            *flags,
            f"--ServerApp.root_dir={home}",
            "--ServerApp.allow_root=True",
            # A bin lies in the home, counts against its limit, and Lab never shows it.
            "--FileContentsManager.delete_to_trash=False",
            # At INFO it writes session ids (with every new XSRF cookie) into its log.
            "--Application.log_level=WARN",
            # Logging out takes effect within a minute, whatever the server remembers.
            f"--HubOAuth.cache_max_age={sessions.FRESH_S}",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.extension_manager=readonly",
        ]
    )


if __name__ == "__main__":
    main()
