"""The hub's configuration file: everything is decided in ``yanxiu.configure``."""

import os

from yanxiu.configure import configure

configure(get_config(), os.environ)  # type: ignore[name-defined]  # noqa: F821 - JupyterHub defines it
