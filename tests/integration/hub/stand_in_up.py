"""``yanxiu up`` with stand-ins for launcher and worker; hub, proxy and records are real.

stand_in_up.py SITE DATA PORT [--no-isolation] [--one-origin] [--idle=SECONDS] [--server-idle=SECONDS]
    [--connections=NUMBER] [--hub=OPTION]...

The idle culler is the real one; it looks every second, and counts an idle server's time in
seconds if asked to.
"""

import dataclasses
import sys
from pathlib import Path

from yanxiu.errors import SettingsError
from yanxiu.settings.load import load_site
from yanxiu.up import main, traefik
from yanxiu.up.child import Part
from yanxiu.up.parts import Run
from yanxiu.up.parts import parts as real_parts

HERE = Path(__file__).parent
IDLE = [word for word in sys.argv if word.startswith("--idle=")]
SERVER_IDLE = [word[14:] for word in sys.argv if word.startswith("--server-idle=")]
FOR_THE_HUB = [word[6:] for word in sys.argv if word.startswith("--hub=")]
CONNECTIONS = [int(word[14:]) for word in sys.argv if word.startswith("--connections=")]


def parts(run: Run, traefik_config: Path) -> list[Part]:
    stand_ins = {
        "launcher": ("stand_in_launcher.py", "--data", str(run.data_dir)),
        "records": ("stand_in_records.py", str(run.ports.records)),
        "culler": ("quick_culler.py", *SERVER_IDLE),
        "worker-1": ("stand_in_worker.py",),
    }
    quick = ["--AccountsAuthenticator.auth_refresh_age=2", "--LauncherSpawner.poll_interval=2"]
    quick += [f"--AccountsAuthenticator.session_idle_s={word[7:]}" for word in IDLE]
    quick += FOR_THE_HUB

    def command(part: Part) -> tuple[str, ...]:
        if part.name == "hub":
            return (*part.command, *quick)
        if part.name not in stand_ins:
            return part.command
        script, *arguments = stand_ins[part.name]
        return (sys.executable, str(HERE / script), *arguments)

    return [
        dataclasses.replace(part, command=command(part)) for part in real_parts(run, traefik_config)
    ]


main.parts = parts
if CONNECTIONS:
    traefik.connections_of_one = lambda _: CONNECTIONS[0]
site, data, port = sys.argv[1:4]
try:
    code = main.run(
        settings=load_site(Path(site)),
        site_dir=Path(site),
        data_dir=Path(data),
        port=int(port),
        demo=False,
        isolation="--no-isolation" not in sys.argv,
        one_origin="--one-origin" in sys.argv,
        echo=lambda line: print(line, flush=True),
    )
except SettingsError as error:
    print(error, flush=True)
    code = 2
sys.exit(code)
