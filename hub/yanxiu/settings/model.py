"""The settings of a site, keyed by id, frozen, with a default a small school can live with.

The field descriptions are the reference documentation (``docs/reference/settings.md`` is
generated from them). Loading and cross-checks are in ``load``; values that only the
database knows are not here.
"""

import ipaddress
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator
from yanxiu_formats.bundle import MAX_FILES, MAX_MB

from yanxiu.names import PROVINCES, SCHOOL_KINDS, school_code_problem

from . import limits
from .blobs import BlobSettings
from .kubernetes import KubernetesSettings
from .public import parse
from .quota import OrganizationQuota, QuotaSettings
from .sso import ProviderId, SsoProvider
from .times import Begin, End

SLUG = r"^[a-z][a-z0-9-]{0,38}[a-z0-9]$"
Slug = Annotated[str, Field(pattern=SLUG)]
UnitKey = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]

_CODE_PROBLEMS = {
    "length": "学校标识码是 10 位数字",
    "kind": "学校标识码的前两位是学校类别，可以是 " + "、".join(sorted(SCHOOL_KINDS)),
    "province": "学校标识码的第 3、4 位是省份，可以是 " + "、".join(sorted(PROVINCES)),
}


def _school_code(code: str) -> str:
    problem = school_code_problem(code)
    if problem:
        raise ValueError(f"{_CODE_PROBLEMS[problem]}，现在是 {code!r}")
    return code


SchoolCode = Annotated[str, AfterValidator(_school_code)]


class Frozen(BaseModel):
    """Base: unknown keys are mistakes, and nothing changes after loading."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Frozen):
    """A text in the languages of the site; Chinese is the source."""

    zh_CN: str = Field(min_length=1, description="中文")
    en: str = Field(default="", description="英文；空着就用中文")


OrgCode = Annotated[str, Field(pattern=r"^[0-9a-z][0-9a-z-]{0,39}$")]


class OrganizationSettings(Frozen):
    """What stands above the county, or between it and its schools."""

    kind: Literal["province", "city", "cluster"] = Field(
        description="省 province、市 city，或集团（学区）cluster"
    )
    name: str = Field(min_length=1, description="名称")
    parent: OrgCode | None = Field(
        default=None, description="上级的代码；省没有上级，集团不写就是本县"
    )
    quota: OrganizationQuota = Field(default_factory=OrganizationQuota, description="限额")


class County(Frozen):
    """The county of the site."""

    code: str = Field(pattern=r"^[0-9]{6}$", description="县级行政区划代码（GB/T 2260，6 位）")
    name: str = Field(min_length=1, description="县（市、区）的名称")
    parent: OrgCode | None = Field(default=None, description="上级（市或省）的代码；空着就是最上级")
    quota: OrganizationQuota = Field(default_factory=OrganizationQuota, description="全县的限额")


class SchoolServer(Frozen):
    """What the servers of one school's teachers may use, where it is not what all others may."""

    memory_mb: int | None = Field(default=None, ge=256, description="内存（MB）")
    cpus: float | None = Field(default=None, gt=0, description="处理器（核）")
    processes: int | None = Field(default=None, ge=20, description="进程和线程数")
    disk_mb: int | None = Field(default=None, ge=50, description="个人文件夹（MB）")
    files: int | None = Field(default=None, ge=1000, description="个人文件夹里的文件和文件夹（个）")


class School(Frozen):
    """A school, keyed by its 10-digit 学校标识码."""

    name: str = Field(min_length=1, description="学校名称")
    parent: OrgCode | None = Field(default=None, description="所属集团的代码；空着就直属本县")
    server: SchoolServer = Field(
        default_factory=SchoolServer,
        description="本校教师的 Jupyter 服务器另有的上限；没写的照 server",
    )
    quota: OrganizationQuota = Field(default_factory=OrganizationQuota, description="本校的限额")


class CourseSource(Frozen):
    """Where a built release of a course lies."""

    release: str = Field(description="课程发布文件夹（由 courses/build.py 生成），相对于 site.yaml")


class UnitDates(Frozen):
    """Deadlines of one unit, site zone when no offset is given."""

    due: End = Field(description="截止时间")
    late_until: End | None = Field(default=None, description="补交截止时间；空着表示截止后不再接收")
    max_attempts: int | None = Field(default=None, ge=1, description="最多提交几次；空着不限")


class OfferingSettings(Frozen):
    """A course held in the county in a term."""

    course: Slug = Field(description="课程，courses 下的键")
    term: str = Field(min_length=1, description="学期，如 2026 秋")
    opens: Begin = Field(description="开课时间")
    closes: End = Field(description="结课时间")
    schools: Literal["all"] | tuple[SchoolCode, ...] = Field(
        default="all", description="参加的学校：all 或学校标识码的列表"
    )
    units: dict[UnitKey, UnitDates] = Field(description="每个单元的截止时间")


class ResearchGroupSettings(Frozen):
    """A 教研组; people are named by teacher number."""

    name: str = Field(min_length=1, description="名称")
    owner_school: SchoolCode = Field(description="算力记在哪所学校名下")
    lead: str = Field(description="组长的教师编号")
    members: tuple[str, ...] = Field(default=(), description="成员的教师编号")
    quota: OrganizationQuota = Field(default_factory=OrganizationQuota, description="本组的限额")


class LoginSettings(Frozen):
    """Local accounts."""

    free_tries: int = Field(
        default=5,
        ge=1,
        description="从同一个网络地址对同一个账号连续输错几次密码以内不用等；再错就要等，一次比一次久",
    )
    longest_wait_minutes: int = Field(
        default=15, ge=1, description="输错密码后最长等多少分钟；过了这么久没有再试，就重新算"
    )
    tries_per_source: int = Field(
        default=200,
        ge=20,
        description="一个网络地址在 longest_wait_minutes 里最多输错几次密码（所有账号合计，后来登录成功的不算）。"
        "全县学校共用一个出口地址时请调大",
    )
    min_password_chars: int = Field(default=8, ge=6, description="密码最少几个字符")
    session_hours: int = Field(default=8, ge=1, description="登录后最长多少小时需要重新登录")
    idle_minutes: int = Field(
        default=30, ge=0, description="多少分钟没有操作就要重新登录；0 表示不限。学校电脑是公用的"
    )


class ServerLimits(Frozen):
    """Limits of one teacher's server."""

    memory_mb: int = Field(default=limits.SERVER.memory_mb, ge=256, description="内存（MB）")
    cpus: float = Field(default=limits.SERVER.cpus, gt=0, description="处理器（核）")
    processes: int = Field(default=limits.SERVER.processes, ge=20, description="进程和线程数")
    disk_mb: int = Field(default=limits.SERVER.disk_mb, ge=50, description="个人文件夹（MB）")
    files: int = Field(
        default=limits.SERVER.files, ge=1000, description="个人文件夹里的文件和文件夹（个）"
    )
    idle_minutes: int = Field(
        default=120,
        ge=0,
        description="Jupyter 多少分钟没有使用就停止；正在运行的单元格算使用；0 表示不停",
    )
    assignment_list: bool = Field(
        default=False,
        description="在 JupyterLab 里显示 nbgrader 的作业列表（Assignment List，界面是英文）",
    )


class GradingLimits(Frozen):
    """Limits of one grading run."""

    memory_mb: int = Field(default=limits.RUN.memory_mb, ge=256, description="内存（MB）")
    cpus: float = Field(default=limits.RUN.cpus, gt=0, description="处理器（核）")
    processes: int = Field(default=limits.RUN.processes, ge=20, description="进程和线程数")
    wall_s: int = Field(default=limits.RUN_S, ge=10, description="最长运行时间（秒）")
    cell_timeout_s: int = Field(default=60, ge=1, description="一个单元格最长运行时间（秒）")
    output_mb: int = Field(default=limits.RUN.output_mb, ge=1, description="输出总量（MB）")
    disk_mb: int = Field(default=limits.RUN.disk_mb, ge=8, description="临时文件（MB）")
    workers: int = Field(default=2, ge=1, description="同时批改几份；每份最多用上面的内存和处理器")
    lease_s: int = Field(default=60, ge=10, description="多久没有心跳就交给别的批改进程（秒）")
    max_tries: int = Field(default=3, ge=1, description="一份作业最多批改几次")

    def of_a_run(self) -> dict[str, float]:
        """Return what one run is allowed, as the worker gets it with its job.

        The processor's time follows from the run's: a site that gives a run more time would
        else be cut by the launcher's default.
        """
        given = self.model_dump(exclude={"workers", "lease_s", "max_tries"})
        return given | {"cpu_s": self.wall_s * max(1.0, self.cpus)}


def _portal_url(text: str) -> str:
    return str(parse(text))


def _servers_url(text: str) -> str:
    star = "://*." in text
    found = str(parse(text.replace("://*.", "://", 1)))
    return found.replace("://", "://*.", 1) if star else found


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError(
            f"应是 IP 地址或网段，如 127.0.0.1 或 10.1.0.0/16，现在是 {text!r}"
        ) from None


class PublicSettings(Frozen):
    """Where browsers reach the platform; how to choose: docs/explanation/origins.md."""

    portal: Annotated[str, AfterValidator(_portal_url)] | None = Field(
        default=None,
        description="门户和 Hub 的网址，如 https://yanxiu.example.cn；空着就只在本机，是 http://127.0.0.1:端口",
    )
    servers: Annotated[str, AfterValidator(_servers_url)] | None = Field(
        default=None,
        description="教师的 Jupyter 的网址，要用另一个主机名，最好在另一个域名下，如 https://jupyter.example.net；"
        "有泛域名解析和证书时写 https://*.jupyter.example.net，每人一个名字；空着就只在本机，是 http://localhost:端口",
    )
    proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        default=(),
        description="前面的反向代理的 IP 地址或网段；只有它们说的 X-Forwarded-* 才算数",
    )


class StorageSettings(Frozen):
    """The disk of the data folder."""

    min_free_percent: float = Field(
        default=3,
        ge=0,
        le=50,
        description="磁盘剩余不到百分之几就不再收提交和文件，留给数据库；0 表示不管",
    )


class SandboxSettings(Frozen):
    """What sandboxes are made with."""

    ids: int = Field(
        default=limits.IDS,
        ge=0,
        description="root 启动时给沙箱用的系统用户编号有多少个，至少比老师多 512；0 表示不用（不推荐）",
    )
    first_id: int = Field(
        default=limits.FIRST_ID,
        ge=1000,
        le=2_000_000_000,
        description="其中的第一个；这些编号不能是本机账号的",
    )

    @field_validator("ids")
    @classmethod
    def _enough(cls, ids: int) -> int:
        if 0 < ids < limits.FEWEST_IDS:
            raise ValueError(f"至少 {limits.FEWEST_IDS} 个，或 0")
        return ids


class MetricsSettings(Frozen):
    """Numbers for a monitor (Prometheus): docs/how-to/monitor.md."""

    host: str = Field(
        default="127.0.0.1",
        description="运行指标监听的地址；令牌不加密传送，给别的机器看请只用内网地址，或放在 https 反向代理后面",
    )
    port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="运行指标的端口；空着就每次启动选一个空闲的（用 yanxiu metrics 看）",
    )


class RecordsSettings(Frozen):
    """The portal's service."""

    processes: int = Field(
        default=1,
        ge=1,
        le=16,
        description="门户服务的进程数；每个约 200 MB 内存。一个每秒约收 120 份提交；两核以上、几百人同时交作业的机器设 2，四核以上可以到 4",
    )


class BundleLimits(Frozen):
    """What may be handed in at once."""

    max_mb: int = Field(default=MAX_MB, ge=1, description="一次提交的总大小（MB）")
    max_files: int = Field(default=MAX_FILES, ge=1, description="一次提交的文件数")
    person_mb: int = Field(
        default=1000, ge=1, description="一个人交过的全部作业最多多少 MB，各单元、各次合计"
    )
    per_hour: int = Field(default=60, ge=1, description="一个人一小时最多提交几次")
    open_uploads: int = Field(
        default=5, ge=1, description="一个人同时没有传完的提交最多几份；再多就丢掉最早的"
    )
    upload_hours: int = Field(default=24, ge=1, description="没有传完的提交保留多少小时")


class Retention(Frozen):
    """How long things are kept; what is older is removed by itself."""

    homes_days: int = Field(
        default=180, ge=1, description="老师离开后，个人文件夹保留多少天；其间恢复的不受影响"
    )
    people_days: int = Field(
        default=1095,
        ge=180,
        description="老师离开后，姓名、编号、手机号和证件号保留多少天；到期后换成代号，成绩、学时和统计保留",
    )
    submissions_days: int = Field(
        default=1095,
        ge=366,
        description="提交的内容（作业、答案、评语、批改后的笔记本）在最后一次批改、评分或决定以后保留多少天，"
        "没交的草稿也一样；分数、学时和回执一直保留",
    )
    audit_days: int = Field(
        default=1095, ge=183, description="审计记录保留多少天；法规要求不少于六个月"
    )
    servers_days: int = Field(
        default=400,
        ge=31,
        description="谁的 Jupyter 从什么时候开到什么时候、排队多久，保留多少天；各学校每天、每月的机时一直保留",
    )
    tasks_days: int = Field(default=30, ge=1, description="后台任务的结果保留多少天")
    files_hours: int = Field(default=24, ge=1, description="后台任务产生的文件可以下载多少小时")
    blobs_hours: int = Field(
        default=24, ge=2, description="没有人用的文件至少放多少小时才删除；不要短于一次提交或导入"
    )


class Site(Frozen):
    """A site: everything an operator decides before the first start."""

    name: Text = Field(description="平台名称，显示在每一页")
    county: County = Field(description="所在县")
    organizations: dict[OrgCode, OrganizationSettings] = Field(
        default_factory=dict, description="县以上的省、市，县以下的集团（学区），键是代码；可以没有"
    )
    schools: dict[SchoolCode, School] = Field(min_length=1, description="学校，键是学校标识码")
    roster: str = Field(default="", description="教师花名册 roster.xlsx，相对于 site.yaml")
    privacy: str = Field(
        default="",
        description="隐私告知的文件夹（2026-09-01.zh_CN.md 这样的文件），相对于 site.yaml；空着用自带的",
    )
    code_tables: str = Field(
        default="", description="学段和学科代码表（CSV），相对于 site.yaml；空着用自带的"
    )
    courses: dict[Slug, CourseSource] = Field(default_factory=dict, description="课程")
    offerings: dict[Slug, OfferingSettings] = Field(default_factory=dict, description="开课")
    research_groups: dict[Slug, ResearchGroupSettings] = Field(
        default_factory=dict, description="教研组"
    )
    public: PublicSettings = Field(default_factory=PublicSettings, description="对外的网址")
    login: LoginSettings = Field(default_factory=LoginSettings, description="本地账号")
    sso: dict[ProviderId, SsoProvider] = Field(
        default_factory=dict, description="单点登录的认证平台；空着就只有本地账号"
    )
    server: ServerLimits = Field(default_factory=ServerLimits, description="教师的 Jupyter 服务器")
    quota: QuotaSettings = Field(default_factory=QuotaSettings, description="限额怎样计")
    grading: GradingLimits = Field(default_factory=GradingLimits, description="自动批改")
    storage: StorageSettings = Field(default_factory=StorageSettings, description="磁盘")
    blobs: BlobSettings = Field(
        default_factory=BlobSettings, description="交来的作业、课程和导出的文件放在哪里"
    )
    sandbox: SandboxSettings = Field(default_factory=SandboxSettings, description="沙箱")
    kubernetes: KubernetesSettings | None = Field(
        default=None, description="Kubernetes 集群；空着就全部在一台机器上"
    )
    metrics: MetricsSettings = Field(default_factory=MetricsSettings, description="运行指标")
    records: RecordsSettings = Field(default_factory=RecordsSettings, description="门户服务")
    bundle: BundleLimits = Field(default_factory=BundleLimits, description="提交的文件")
    retention: Retention = Field(default_factory=Retention, description="各种数据保留多久")
    page_size: int = Field(default=50, ge=10, le=200, description="列表每页行数")
