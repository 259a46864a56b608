"""研修Hub in a teacher's own Jupyter server: open a unit of the portal in JupyterLab.

Decides nothing about courses: the records service says who has which unit. Jupyter
calls the two functions below; ``handlers`` is the one address that is added.
"""

from typing import Any

from jupyter_server.utils import url_path_join

__version__ = "0.1.0"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyterlab_yanxiu"}]


def _load_jupyter_server_extension(server_app: Any) -> None:
    from .handlers import OpenHandler

    web_app = server_app.web_app
    pattern = url_path_join(web_app.settings["base_url"], "yanxiu", "open", "([^/]+)")
    web_app.add_handlers(".*$", [(pattern, OpenHandler)])
