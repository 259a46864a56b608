"""The settings of single sign-on: providers keyed by id, and how their claims are read.

Data only; secrets are not here: a provider's secret comes from the environment as
``YANXIU_SSO_<ID>_SECRET`` (``provider_secrets``). Without a provider the site has local
accounts alone, and nothing of single sign-on is loaded.
"""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from yanxiu.errors import SettingsError

GRANTABLE = Literal["teacher", "school_organizer", "county_organizer", "grader"]
ProviderId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]


def _secure(url: str) -> str:
    parts = urlsplit(url)
    try:
        local = ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        local = parts.hostname == "localhost"
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ValueError(f"应是 https:// 开头的地址，现在是 {url!r}")
    return url.rstrip("/")


SecureUrl = Annotated[str, AfterValidator(_secure)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SsoTitle(_Frozen):
    """What the button on the login page says."""

    zh_CN: str = Field(min_length=1, max_length=30, description="中文")
    en: str = Field(default="", max_length=60, description="英文；空着就用中文")


class ClaimNames(_Frozen):
    """Which claim says what; a dot goes one level down, empty means that there is none."""

    subject: str = Field(default="sub", min_length=1, description="账号的唯一标识，永不改变")
    name: str = Field(default="name", description="姓名")
    teacher_no: str = Field(default="teacher_no", description="教师编号")
    mobile: str = Field(default="phone_number", description="手机号，只用来提示管理员")
    id_number: str = Field(default="id_number", description="身份证号，整个或末几位")
    school_code: str = Field(default="school_code", description="学校代码")
    county_code: str = Field(default="county_code", description="县级行政区划代码")
    roles: str = Field(default="roles", description="角色")
    status: str = Field(default="status", description="在职状态")


class CasClaimNames(ClaimNames):
    """Attributes of CAS; ``user`` is ``cas:user`` itself."""

    subject: str = Field(default="user", min_length=1, description="账号的唯一标识，永不改变")


class TicketClaimNames(ClaimNames):
    """Items of ``userInfo``."""

    subject: str = Field(default="userId", min_length=1, description="账号的唯一标识，永不改变")
    mobile: str = Field(default="mobile", description="手机号，只用来提示管理员")
    id_number: str = Field(default="idCard", description="身份证号，整个或末几位")


class _Provider(_Frozen):
    title: SsoTitle = Field(description="登录页按钮上的名称")
    claims: ClaimNames = Field(default_factory=ClaimNames, description="各项信息的声明名")
    school_codes: dict[str, str] = Field(
        default_factory=dict, description="对方的学校代码 → 学校标识码；代码相同的不用写"
    )
    roles: dict[str, GRANTABLE] = Field(
        default_factory=dict, description="对方的角色 → 本平台的角色；不写的角色不授予"
    )
    left: tuple[str, ...] = Field(
        default=(), description="在职状态是这些值之一，表示人已离开：不能登录，已登录的退出"
    )
    own_county: bool = Field(
        default=False, description="对方只有本县的人员，教师编号不会与外县重复，不必核对县代码"
    )
    follow_school: bool = Field(default=True, description="对方的学校变了，本平台跟着变")


class OidcSettings(_Provider):
    """An OpenID Connect provider (authorization code with PKCE)."""

    kind: Literal["oidc"] = Field(description="oidc")
    issuer: SecureUrl = Field(description="issuer，与发现文档里的一字不差")
    client_id: str = Field(min_length=1, description="对方登记的 client_id")
    scopes: tuple[str, ...] = Field(
        default=("openid", "profile", "offline_access"),
        description="申请的范围；有 offline_access 才能一直跟随变动",
    )
    client_auth: Literal["basic", "post"] = Field(
        default="basic", description="client_secret 的传法：basic 或 post"
    )
    response_mode: Literal["query", "form_post"] = Field(
        default="query",
        description="答复怎样带回来：query 用网址，form_post 用表单；对方只支持表单时才改",
    )


class CasSettings(_Provider):
    """A CAS server."""

    kind: Literal["cas"] = Field(description="cas")
    url: SecureUrl = Field(description="CAS 服务的地址，/login 之前的部分")
    version: Literal[2, 3] = Field(
        default=3, description="CAS 协议：3 用 /p3/serviceValidate，2 用 /serviceValidate"
    )
    claims: CasClaimNames = Field(default_factory=CasClaimNames, description="各项信息的属性名")


class TicketSettings(_Provider):
    """A ticket exchange in the style of the national platform."""

    kind: Literal["ticket"] = Field(description="ticket")
    login_url: SecureUrl = Field(description="登录页地址，会加上 appId 和 service")
    api_url: SecureUrl = Field(description="接口网关的地址")
    app_id: str = Field(min_length=1, description="对方分配的 appId")
    token_path: str = Field(default="/apigateway/getAccessToken", description="取 accessToken")
    ticket_path: str = Field(default="/userSession/validateTicket", description="兑换一次性票据")
    session_path: str = Field(default="/userSession/getUserInfo", description="用会话查询用户")
    claims: TicketClaimNames = Field(
        default_factory=TicketClaimNames, description="userInfo 里的项名"
    )


SsoProvider = Annotated[
    OidcSettings | CasSettings | TicketSettings,
    Field(discriminator="kind", description="单点登录的认证平台"),
]


def secret_variable(provider_id: str) -> str:
    """Return the environment variable that holds a provider's secret.

    >>> secret_variable("xian")
    'YANXIU_SSO_XIAN_SECRET'
    """
    return f"YANXIU_SSO_{provider_id.upper()}_SECRET"


def provider_secrets(
    providers: Mapping[str, OidcSettings | CasSettings | TicketSettings],
    environ: Mapping[str, str],
) -> dict[str, str]:
    """Return the variables with the secrets of ``providers``; CAS has none.

    :raises SettingsError: one is missing
    """
    needed = [secret_variable(name) for name, one in providers.items() if one.kind != "cas"]
    if missing := [name for name in needed if not environ.get(name)]:
        raise SettingsError(
            f"site.yaml 的 sso 需要环境变量 {'、'.join(missing)}（对方分配的密钥）。"
            "请设置后再启动；密钥不要写进 site.yaml。"
        )
    return {name: environ[name] for name in needed}
