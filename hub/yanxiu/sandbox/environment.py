"""Make the environment of a sandbox: nothing of ours, little of the caller's.

Pure. A token travels only in here, never on a command line, which other accounts of the
machine can read. Called by ``servers`` and ``jobs``.
"""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from yanxiu.errors import N_, Invalid
from yanxiu.sandbox.limits import threads
from yanxiu.settings.limits import Limits

#: What a spawner may hand to a server. Everything else that it sends (PATH, HOME and the
#: rest of the hub's own environment) is dropped without a word, because it always comes.
_FROM_CALLER = re.compile(
    r"JUPYTERHUB_[A-Z0-9_]+|(?:MEM|CPU)_(?:LIMIT|GUARANTEE)|TZ"
    r"|YANXIU_(?:RECORDS_URL|LANG|IDLE_MINUTES|IDLE_PEAK|ASSIGNMENT_LIST)"
)
_LONGEST = 16_384


def from_caller(env: object) -> dict[str, str]:
    """Return the part of the caller's environment that a server may have.

    :raises Invalid: it is not an object of texts, or a text cannot be in an environment
    """
    if not isinstance(env, Mapping):
        raise Invalid("launcher.env", N_("env 应是一个由文本组成的对象。"))
    kept = {}
    for name, value in env.items():
        if not _FROM_CALLER.fullmatch(str(name)):
            continue
        if not isinstance(value, str) or "\0" in value or len(value) > _LONGEST:
            raise Invalid("launcher.env", N_("env.{name} 不是可用的文本。"), name=name)
        kept[name] = value
    return kept


def of_full_home(scratch: str, why: str) -> dict[str, str]:
    """Return where programs put what they write of themselves, where nothing in a home may grow.

    :param why: what is full, ``home``, the ``school``'s homes together, or the ``disk``
    """
    own = f"{scratch}/own"
    return {
        "YANXIU_FULL": why,
        "IPYTHONDIR": f"{own}/ipython",
        "JUPYTER_CONFIG_DIR": f"{own}/jupyter",
        "JUPYTER_DATA_DIR": f"{own}/jupyter-data",
        "JUPYTERLAB_SETTINGS_DIR": f"{own}/jupyter/lab/user-settings",
        "JUPYTERLAB_WORKSPACES_DIR": f"{own}/jupyter/lab/workspaces",
        **{f"XDG_{kind}_HOME": f"{own}/{kind.lower()}" for kind in ("CACHE", "CONFIG", "DATA")},
    }


def base(prefix: PurePosixPath, home: str, limits: Limits, *, scratch: str) -> dict[str, str]:
    """Return what every program in a sandbox starts with.

    :param prefix: the virtual environment
    :param home: inside the sandbox
    :param scratch: a folder that may be lost
    """
    one_for_each_core = str(threads(limits))
    return {
        "PATH": f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "USER": "teacher",
        "LOGNAME": "teacher",
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "TZ": "Asia/Shanghai",
        "TMPDIR": scratch,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "JUPYTER_RUNTIME_DIR": f"{scratch}/jupyter-runtime",
        "JUPYTER_PLATFORM_DIRS": "0",
        "MPLCONFIGDIR": f"{scratch}/matplotlib",
        "OMP_NUM_THREADS": one_for_each_core,
        "OPENBLAS_NUM_THREADS": one_for_each_core,
        # Each arena reserves address space that a limit would count as used.
        "MALLOC_ARENA_MAX": "2",
    }
