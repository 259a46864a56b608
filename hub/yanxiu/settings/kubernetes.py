"""What a site says of its cluster: where teachers' servers run as pods.

Part of ``model``. Without this section everything runs on one machine. How much a server may use
is ``server``'s and ``quota``'s to say, on a cluster as on one machine: not here.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

#: A name as an API server takes it (RFC 1123).
Name = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]


class KubernetesSettings(BaseModel):
    """The cluster that carries the platform: docs/how-to/run-on-kubernetes.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str = Field(
        min_length=1,
        pattern=r"^\S+$",
        description="教师的 Jupyter 服务器用的镜像，如 registry.example.cn/yanxiu/singleuser:1.0；建议写摘要（@sha256:…）",
    )
    image_pull: Literal["Always", "IfNotPresent", "Never"] = Field(
        default="IfNotPresent", description="什么时候拉取镜像"
    )
    image_pull_secrets: tuple[Name, ...] = Field(
        default=(), description="拉取镜像用的 Secret；每所学校的命名空间里都要有"
    )
    storage_class: Name | None = Field(
        default=None, description="个人文件夹用的 StorageClass；空着就用集群默认的"
    )
    namespace: Name = Field(default="yanxiu", description="Hub 和各项服务所在的命名空间")
    cluster_domain: str = Field(
        default="cluster.local",
        pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$",
        description="集群内部的域名",
    )
    node_selector: dict[str, str] = Field(
        default_factory=dict, description="教师的服务器只放在有这些标签的节点上；空着不限"
    )
    start_minutes: int = Field(
        default=5,
        ge=1,
        le=30,
        description="一台服务器最多等几分钟启动（节点上没有镜像时要先拉取）",
    )
