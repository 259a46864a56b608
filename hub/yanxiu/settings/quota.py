"""What a site says of quotas: how they are counted, and the seeds of each organization's limits.

Part of ``model``; what the limits mean is docs/explanation/quotas.md.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Frozen(BaseModel):
    """As in ``model``, which imports this."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Count = Annotated[float, Field(ge=0)]


class Ceiling(Frozen):
    """The most of something that is never kept for anybody."""

    ceiling: Count | None = Field(default=None, description="上限；空着不限")
    per_teacher: Count | None = Field(default=None, description="每位老师最多；空着不限")


class Pool(Ceiling):
    """A part of something that teachers of an organization share."""

    guarantee: Count | None = Field(
        default=None, description="保证数：别人用得再多，也给这里留着；空着就是不保证"
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Pool":
        if None not in (self.guarantee, self.ceiling) and self.guarantee > self.ceiling:  # type: ignore[operator]
            raise ValueError(f"guarantee（{self.guarantee:g}）不能大于 ceiling（{self.ceiling:g}）")
        return self


class Share(Frozen):
    """A weight among others."""

    guarantee: float = Field(
        gt=0,
        le=1000,
        description="份额，学校没写就照上级的，都没写是 1：2 的学校排队时轮到的批改是 1 的两倍",
    )


class OrganizationQuota(Frozen):
    """Seeds of the limits of one organization; once there, the portal changes them."""

    servers: Pool | None = Field(default=None, description="同时运行的 Jupyter 服务器（台）")
    cpus: Pool | None = Field(
        default=None,
        description="处理器（核，按 quota.server_cpus 计）；只写了 servers 的保证数就按台数算",
    )
    memory_mb: Pool | None = Field(
        default=None,
        description="内存（MB，按 quota.server_memory_mb 计）；只写了 servers 的保证数就按台数算",
    )
    storage_mb: Ceiling | None = Field(
        default=None, description="个人文件夹合计（MB）；超过以后照样能启动，但只能删除文件"
    )
    server_hours: Ceiling | None = Field(default=None, description="每月服务器运行的小时数合计")
    app_kernels: Pool | None = Field(default=None, description="共享应用同时运行的内核（个）")
    grading_share: Share | None = Field(default=None, description="自动批改排队时的份额")


class CapacitySettings(Frozen):
    """What there is to share out, where it is not what the machine has."""

    servers: float | None = Field(default=None, ge=1, description="服务器（台）；空着不限")
    cpus: float | None = Field(default=None, gt=0, description="处理器（核）；空着就是本机的")
    memory_mb: float | None = Field(
        default=None, ge=64, description="内存（MB）；空着就是本机的，减去平台自己要用的"
    )


class QuotaSettings(Frozen):
    """Who may start how many servers: docs/explanation/quotas.md. Limits stand at the organizations."""

    engine: Literal["records", "kueue", "none"] = Field(
        default="records",
        description="由谁计数：records 用平台的数据库；kueue 在 Kubernetes 上由 Kueue 决定（要先装好 Kueue）；"
        "none 不计数，也不拒绝",
    )
    on_silence: Literal["allow", "refuse"] = Field(
        default="allow",
        description="计数的 silence_s 秒没有回答时：allow 照样启动，refuse 请稍后再试",
    )
    silence_s: float = Field(default=2, gt=0, le=60, description="等计数回答多少秒")
    capacity: CapacitySettings = Field(default_factory=CapacitySettings, description="总量")
    server_memory_mb: int = Field(
        default=160, ge=1, description="一台服务器按多少内存计（MB）：平常用多少，不是最多能用多少"
    )
    server_cpus: float = Field(
        default=0.02, ge=0, description="一台服务器按多少处理器计（核）：平常用多少"
    )
    hold_s: int = Field(default=120, ge=10, description="空出来的位置给排在最前的人留多少秒")
    forget_minutes: int = Field(default=5, ge=1, description="排队的页面关掉多少分钟后不再算在队里")
