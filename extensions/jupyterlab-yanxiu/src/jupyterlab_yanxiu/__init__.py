"""研修Hub in a teacher's own Jupyter server: the panel 研修, and the portal's way into a unit.

Decides nothing about courses: the records service says who has which unit. Jupyter
calls the functions below; ``handlers`` is the portal's address, ``api`` are the panel's.
"""

from typing import Any

from jupyter_server.utils import url_path_join

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyterlab_yanxiu"}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-yanxiu"}]


def _load_jupyter_server_extension(server_app: Any) -> None:
    from .api import addresses
    from .handlers import OpenHandler

    web_app = server_app.web_app
    base_url = web_app.settings["base_url"]
    pattern = url_path_join(base_url, "yanxiu", "open", "([^/]+)")
    web_app.add_handlers(".*$", [(pattern, OpenHandler), *addresses(base_url)])
