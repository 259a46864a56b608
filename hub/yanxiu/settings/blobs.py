"""Where a site keeps what was handed in: in files of this machine, or in a bucket.

Part of ``model``. The keys of a bucket are no setting: they come by environment or from a mounted
secret (``credentials``), and are never in ``site.yaml``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from yanxiu.errors import SettingsError

#: The environment's names, and the names of the files of a mounted secret.
VARIABLES = {
    "access-key-id": "YANXIU_S3_ACCESS_KEY_ID",
    "secret-access-key": "YANXIU_S3_SECRET_ACCESS_KEY",
}


def _address(text: str) -> str:
    found = urlsplit(text)
    if found.scheme not in ("http", "https") or not found.hostname or found.path.strip("/"):
        raise ValueError(
            f"应是对象存储的网址，如 https://s3.example.cn（不带桶名和路径），现在是 {text!r}"
        )
    return text.rstrip("/")


class BlobSettings(BaseModel):
    """What was handed in, what courses consist of, what was exported."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["files", "s3"] = Field(
        default="files",
        description="files 放在数据文件夹的 blobs/ 里；s3 放在兼容 S3 的对象存储里，几台机器共用",
    )
    endpoint: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None, description="对象存储的网址，不带桶名；kind 是 s3 时要写"
    )
    bucket: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        description="桶的名字，要先建好；kind 是 s3 时要写",
    )
    region: str = Field(default="us-east-1", description="区域；自建的对象存储大多不用改")
    prefix: str = Field(
        default="",
        pattern=r"^([A-Za-z0-9_.-]+/)*$",
        description="对象名的开头，以 / 结尾；几个平台共用一个桶时用来分开",
    )
    path_style: bool = Field(
        default=True,
        description="桶名写在路径里（MinIO、Ceph）；阿里云 OSS 等要写在主机名里的，设为 false",
    )

    @model_validator(mode="after")
    def _complete(self) -> "BlobSettings":
        if self.kind == "s3" and not (self.endpoint and self.bucket):
            raise ValueError("kind 是 s3 时，endpoint 和 bucket 都要写")
        return self


@dataclass(frozen=True)
class Keys:
    """The two keys of a bucket."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


def keys(environ: Mapping[str, str]) -> Keys:
    """Return a bucket's keys: from the environment, else from ``YANXIU_S3_KEYS``, a mounted secret.

    :raises SettingsError: one of them is nowhere
    """
    folder = environ.get("YANXIU_S3_KEYS")
    found = {}
    for name, variable in VARIABLES.items():
        value = environ.get(variable, "")
        if not value and folder and (Path(folder) / name).is_file():
            value = (Path(folder) / name).read_text("utf-8").strip()
        if not value:
            raise SettingsError(
                f"blobs.kind 是 s3，但没有对象存储的密钥：缺少环境变量 {variable}，"
                f"YANXIU_S3_KEYS 指的文件夹里也没有 {name}。请设置其中一种。"
            )
        found[name] = value
    return Keys(found["access-key-id"], found["secret-access-key"])
