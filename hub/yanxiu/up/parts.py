"""Which parts there are, how each is started, and what each is told.

Pure but for the environment it is given: ``parts(run)`` returns the table, ``main`` starts
it. Every part gets an environment of its own, made from nothing: a secret reaches only
those who need it.
"""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from yanxiu.errors import SettingsError
from yanxiu.people.idnumber import IdKey
from yanxiu.settings.blobs import VARIABLES, keys
from yanxiu.settings.model import SandboxSettings, Site
from yanxiu.settings.public import Layout
from yanxiu.settings.secrets import Secrets
from yanxiu.settings.sso import provider_secrets
from yanxiu.web import measure

from . import ready
from .child import Part
from .ports import LOOPBACK, Ports

#: What a part inherits from the operator's environment, and nothing else.
INHERITED = ("HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "XDG_RUNTIME_DIR")
#: Handed on to those that read the settings.
SETTINGS_VARIABLES = ("YANXIU_DATABASE_URL", "YANXIU_HUB_DATABASE_URL")

RECORDS_PREFIX = "/services/records/"
HEALTH = f"{RECORDS_PREFIX}healthz"
#: In the data folder: ``host:port`` of this run's metrics.
METRICS_ADDRESS = "run/metrics.address"
#: In the data folder: what the processes of records count, a file or two each.
METRICS_FILES = "run/metrics"


@dataclass(frozen=True)
class Run:
    """One ``yanxiu up``: everything that the parts are told."""

    site: Site
    site_dir: Path
    data_dir: Path
    ports: Ports
    secrets: Secrets
    environ: Mapping[str, str]
    layout: Layout
    host: str = LOOPBACK
    demo: bool = False
    isolation: bool = True

    @property
    def launcher_socket(self) -> Path:
        """Where the sandbox launcher listens (docs/reference/launcher.md)."""
        return self.data_dir / "run" / "launcher" / "launcher.sock"

    @property
    def hub_config(self) -> Path:
        """The hub's configuration file."""
        return Path(__file__).with_name("jupyterhub_config.py")


def parts(run: Run, traefik_config: Path) -> list[Part]:
    """Return the parts in the order of their start; they are ended the other way round."""
    return [
        _launcher(run),
        *_records(run),
        _proxy(run, traefik_config),
        _hub(run),
        _culler(run),
        *_workers(run),
        _housekeeping(run),
        _metrics(run),
    ]


def _launcher(run: Run) -> Part:
    command = [
        *_python("yanxiu.sandbox.launcher"),
        *("--data", str(run.data_dir)),
        *("--hub-api", f"{LOOPBACK}:{run.ports.hub}"),
        *("--records", f"{LOOPBACK}:{run.ports.records}"),
        *("--ids", _ids(run.site.sandbox)),
        *("--min-free-percent", f"{run.site.storage.min_free_percent:g}"),
        *(() if run.isolation else ("--no-isolation",)),
    ]
    return Part(
        name="launcher",
        title="沙箱启动器",
        command=tuple(command),
        env=_base(run),
        ready=partial(ready.launcher_answers, run.launcher_socket),
    )


def _ids(sandbox: SandboxSettings) -> str:
    return f"{sandbox.first_id}:{sandbox.ids}" if sandbox.ids else "0"


def _records(run: Run) -> list[Part]:
    env = {
        **_base(run),
        **_settings(run),
        **_bucket_keys(run),
        **run.secrets.environment("worker", "portal_session", "id_numbers"),
        **run.layout.environment(),
        "YANXIU_INTERNAL_PORT": str(run.ports.internal),
        measure.FOLDER_VARIABLE: str(run.data_dir / METRICS_FILES),
        measure.PART_VARIABLE: "records",
        # What the hub gives to the services that it starts itself.
        "JUPYTERHUB_SERVICE_NAME": "records",
        "JUPYTERHUB_SERVICE_URL": f"http://{LOOPBACK}:{run.ports.records}",
        "JUPYTERHUB_SERVICE_PREFIX": RECORDS_PREFIX,
        "JUPYTERHUB_API_TOKEN": run.secrets.records_api,
        "JUPYTERHUB_API_URL": _hub_api(run),
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "service-records",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": f"{RECORDS_PREFIX}oauth_callback",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:services!service=records"]',
        "JUPYTERHUB_OAUTH_SCOPES": '["access:services!service=records"]',
    }
    command = (
        *_python("yanxiu.portal.serve"),
        *("--host", LOOPBACK, "--port", str(run.ports.records)),
        *("--internal-port", str(run.ports.internal)),
    )
    first = Part(
        name="records",
        title="研修记录服务",
        command=command,
        env=env,
        ready=partial(ready.http_ok, run.ports.records, HEALTH),
    )
    more = range(2, run.site.records.processes + 1)
    # All listen on one port, so nobody can ask one of them alone whether it serves.
    return [first] + [
        replace(
            first,
            name=f"records-{number}",
            title=f"研修记录服务 {number}",
            ready=_alive,
            env={**env, measure.PART_VARIABLE: f"records-{number}"},
        )
        for number in more
    ]


def _hub(run: Run) -> Part:
    env = {
        **_base(run),
        **_settings(run),
        **run.secrets.environment(
            "hub_cookie", "proxy_api", "records_api", "culler_api", "metrics_api"
        ),
        **run.layout.environment(),
        "YANXIU_HOST": run.host,
        "YANXIU_PUBLIC_PORT": str(run.ports.public),
        "YANXIU_HUB_PORT": str(run.ports.hub),
        "YANXIU_RECORDS_PORT": str(run.ports.records),
        "YANXIU_PROXY_API_PORT": str(run.ports.proxy_api),
        "YANXIU_LAUNCHER_SOCKET": str(run.launcher_socket),
        **_sso(run),
    }
    return Part(
        name="hub",
        title="JupyterHub",
        command=(*_python("jupyterhub"), "--config", str(run.hub_config)),
        env=env,
        ready=partial(ready.http_ok, run.ports.hub, "/hub/health"),
    )


def _culler(run: Run) -> Part:
    env = {
        **_base(run),
        **_settings(run),
        "JUPYTERHUB_API_URL": _hub_api(run),
        "JUPYTERHUB_API_TOKEN": run.secrets.culler_api,
    }
    return Part(
        name="culler",
        title="闲置服务器清理",
        command=_python("yanxiu.culler"),
        env=env,
        ready=_alive,
    )


def _proxy(run: Run, traefik_config: Path) -> Part:
    return Part(
        name="proxy",
        title="反向代理",
        command=(_traefik(), f"--configFile={traefik_config}"),
        env=_base(run),
        ready=partial(ready.listening, run.ports.public, run.host),
    )


def _workers(run: Run) -> list[Part]:
    env = {
        **_base(run),
        **run.secrets.environment("worker"),
        "YANXIU_RECORDS_INTERNAL": f"http://{LOOPBACK}:{run.ports.internal}",
        "YANXIU_LAUNCHER_SOCKET": str(run.launcher_socket),
    }

    return [
        Part(
            name=f"worker-{number}",
            title=f"批改进程 {number}",
            command=_python("yanxiu.grading.worker"),
            env=env,
            ready=_alive,
        )
        for number in range(1, run.site.grading.workers + 1)
    ]


def _housekeeping(run: Run) -> Part:
    return Part(
        name="housekeeping",
        title="后台任务",
        command=_python("yanxiu.housekeeping.process"),
        env={
            **_base(run),
            **_settings(run),
            **_bucket_keys(run),
            **run.secrets.environment("id_numbers"),
        },
        ready=_alive,
    )


def _metrics(run: Run) -> Part:
    return Part(
        name="metrics",
        title="运行指标",
        command=(
            *_python("yanxiu.metrics.process"),
            *("--host", run.site.metrics.host, "--port", str(run.ports.metrics)),
        ),
        env={
            **_base(run),
            **_settings(run),
            **run.secrets.environment("metrics"),
            "YANXIU_METRICS_FILES": str(run.data_dir / METRICS_FILES),
            "YANXIU_LAUNCHER_SOCKET": str(run.launcher_socket),
            "JUPYTERHUB_API_URL": _hub_api(run),
            "JUPYTERHUB_API_TOKEN": run.secrets.metrics_api,
        },
        ready=_alive,
    )


async def _alive() -> bool:
    """Ready as soon as it runs: nobody waits for this part."""
    return True


def _hub_api(run: Run) -> str:
    return f"http://{LOOPBACK}:{run.ports.hub}/hub/api"


def _base(run: Run) -> dict[str, str]:
    """Return what every part gets: enough to run Python, and nothing of the site."""
    env = {name: run.environ[name] for name in INHERITED if name in run.environ}
    env.setdefault("LANG", "C.UTF-8")
    here = str(Path(sys.executable).parent)
    # Subprocesses that call a tool by its bare name (alembic) must find this environment's.
    env["PATH"] = ":".join([here, run.environ.get("PATH", "/usr/bin:/bin")])
    env["PYTHONUNBUFFERED"] = "1"
    env["YANXIU_ISOLATION"] = str(int(run.isolation))
    return env


def _settings(run: Run) -> dict[str, str]:
    """Return what the parts get that read the settings and open the store."""
    env = {name: run.environ[name] for name in SETTINGS_VARIABLES if name in run.environ}
    env["YANXIU_SITE"] = str(run.site_dir)
    env["YANXIU_DATA"] = str(run.data_dir)
    env["YANXIU_DEMO"] = str(int(run.demo))
    return env


def _bucket_keys(run: Run) -> dict[str, str]:
    """Return the keys of the bucket, for the parts that put and read what is in it."""
    if run.site.blobs.kind == "files":
        return {}
    held = keys(run.environ)
    return {
        VARIABLES["access-key-id"]: held.access_key_id,
        VARIABLES["secret-access-key"]: held.secret_access_key,
    }


def _sso(run: Run) -> dict[str, str]:
    """Return what the hub needs to log people in elsewhere; nothing when nobody does.

    The key recognizes ID numbers of the roster and cannot read them.
    """
    if not run.site.sso:
        return {}
    key = IdKey(bytes.fromhex(run.secrets.id_numbers)).match_key.hex()
    return {"YANXIU_ID_MATCH_KEY": key, **provider_secrets(run.site.sso, run.environ)}


def _python(module: str) -> tuple[str, ...]:
    # -P: the folder that yanxiu was started in is no place to import from.
    return (sys.executable, "-P", "-m", module)


def _traefik() -> str:
    beside = Path(sys.executable).with_name("traefik")
    found = str(beside) if beside.exists() else shutil.which("traefik")
    if not found:
        raise SettingsError("找不到反向代理 traefik。请重新安装依赖（make run 会自动安装）。")
    return found
