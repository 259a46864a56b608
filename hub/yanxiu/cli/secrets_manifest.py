"""``yanxiu secrets manifest``: an installation's secrets as the Secret of a cluster.

Prints a manifest for ``kubectl apply -f -`` and never to a terminal, where it would stay to be
read. Which process gets which key is the chart's to say (``helm/schools``).
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from yanxiu.errors import SettingsError
from yanxiu.people.idnumber import IdKey
from yanxiu.settings.secrets import Secrets, load_or_create

from .options import data_option
from .words import say

#: The key in the Secret → the environment variable that it is taken from, where that is set.
OTHERS = {
    "database_url": "YANXIU_DATABASE_URL",
    "hub_database_password": "PGPASSWORD",
    "s3_access_key_id": "YANXIU_S3_ACCESS_KEY_ID",
    "s3_secret_access_key": "YANXIU_S3_SECRET_ACCESS_KEY",
}


def secret_of(found: Secrets, name: str, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the Secret: what the data folder keeps, and what the environment says of others."""
    given = asdict(found)
    # It recognizes ID numbers of the roster and cannot read them: the hub needs no more.
    given["id_match"] = IdKey(bytes.fromhex(found.id_numbers)).match_key.hex()
    given |= {key: environ[variable] for key, variable in OTHERS.items() if environ.get(variable)}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "stringData": given,
    }


@click.command(
    help=say(
        "把数据文件夹里的密钥（没有就新建）写成 Kubernetes 的 Secret，交给 kubectl apply -f -。"
        "数据库地址等取自环境变量 YANXIU_DATABASE_URL、PGPASSWORD、YANXIU_S3_*。",
        "Write the secrets of the data folder (made if missing) as a Kubernetes Secret, for kubectl "
        "apply -f -. The database's address and the like come from YANXIU_DATABASE_URL, PGPASSWORD "
        "and YANXIU_S3_*.",
    )
)
@data_option
@click.option(
    "--name",
    default="yanxiu",
    show_default=True,
    help=say("Secret 的名字。", "Name of the Secret."),
)
def manifest(data: Path, name: str) -> None:
    """Print the manifest."""
    if sys.stdout.isatty():
        raise SettingsError(
            say(
                "这里会打印出全部密钥，所以不写到终端上。请接 kubectl：yanxiu secrets manifest --data … | kubectl -n yanxiu apply -f -",
                "This would print every secret, so not to a terminal. Hand it to kubectl: "
                "yanxiu secrets manifest --data … | kubectl -n yanxiu apply -f -",
            )
        )
    click.echo(json.dumps(secret_of(load_or_create(data.resolve()), name, os.environ)))
