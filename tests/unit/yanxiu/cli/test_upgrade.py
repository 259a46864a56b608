"""What ``yanxiu upgrade --check`` says is what an upgrade then does; and it changes nothing."""

import re
import shutil
import ssl
import threading
import tomllib
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from yanxiu.backup.archive import Folder
from yanxiu.backup.make import make
from yanxiu.backup.progress import Progress
from yanxiu.backup.restore import restore
from yanxiu.cli.demands import changelog, demands
from yanxiu.cli.upgrade import cluster_version, upgrade
from yanxiu.errors import SettingsError
from yanxiu.settings.supported import JUPYTERHUB, KUBERNETES
from yanxiu.store import rehearse, schema
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine

from tests.support.site import ROOT

#: PostgreSQL's is tried by restoring a backup, and its disk is another machine's.
on_a_copy = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
QUIET = Progress(lambda _line: None)
#: Two migrations of a version to come: a table, and a change of every person.
SECOND = '''"""Add a table of rooms."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0002", "0001"
def upgrade():
    op.create_table("rooms", sa.Column("id", sa.Uuid(), primary_key=True))
'''
THIRD = '''"""Say of everybody in which room."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0003", "0002"
def upgrade():
    op.add_column("people", sa.Column("room", sa.String(40), nullable=False, server_default="-"))
    op.execute("UPDATE people SET room = teacher_no")
'''


@pytest.fixture
def newer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Let this program be of a version with two migrations more, once called."""

    def install() -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "0002_rooms.py").write_text(SECOND, "utf-8")
        (folder / "versions" / "0003_people.py").write_text(THIRD, "utf-8")
        monkeypatch.setattr(schema, "MIGRATIONS", folder)

    return install


def check(data: Path, url: str, code: int = 0) -> str:
    (data / "db").mkdir(parents=True, exist_ok=True)
    done = CliRunner().invoke(
        upgrade,
        ["--check", "--data", str(data)],
        env={"YANXIU_DATABASE_URL": url, "YANXIU_LANG": "zh_CN", "KUBERNETES_SERVICE_HOST": None},
    )
    if code:
        assert isinstance(done.exception, SettingsError), done.output
        return done.output + str(done.exception)
    assert done.exit_code == 0, f"{done.output}{done.exception}"
    return done.output


def test_a_current_database_needs_nothing(county, database, tmp_path):
    said = check(tmp_path, database)
    assert "没有要运行的升级步骤" in said and "可以升级" in said and "JupyterHub 6" in said


def test_the_steps_are_named_tried_and_not_done(county, database, tmp_path, newer):
    newer()
    said = check(tmp_path, database)
    assert "会运行 0002：Add a table of rooms." in said
    assert "会运行 0003：Say of everybody in which room." in said
    if database.startswith("sqlite"):
        assert re.search(r"在副本上试过：[0-9.]+ 秒", said)
    else:
        assert "恢复到一个空的库" in said
    with county.store.engine.connect() as connection:
        assert schema.current_revision(connection) == "0001"
    assert list((tmp_path / "db").iterdir()) == []


@on_a_copy
def test_what_would_fail_is_seen_before(county, database, tmp_path, newer):
    newer()
    broken = schema.MIGRATIONS / "versions" / "0003_people.py"
    broken.write_text(THIRD.replace("teacher_no", "no_such_column"), "utf-8")
    with pytest.raises(Exception, match="no_such_column"):
        rehearse.try_on_a_copy(county.store.engine, tmp_path)
    with county.store.engine.connect() as connection:
        assert schema.current_revision(connection) == "0001"


@on_a_copy
def test_too_little_room_is_said(county, database, tmp_path, newer, monkeypatch):
    newer()
    monkeypatch.setattr(rehearse, "free_bytes", lambda _folder: 1000)
    assert "请先腾出地方" in check(tmp_path, database, code=1)


def test_a_database_of_a_newer_program_is_not_touched(
    county, database, tmp_path, newer, monkeypatch
):
    before = schema.MIGRATIONS
    newer()
    schema.upgrade(county.store.engine)
    monkeypatch.setattr(schema, "MIGRATIONS", before)
    assert "由更新的版本升级过" in check(tmp_path, database, code=1)


def test_an_archive_of_the_old_version_goes_into_the_new_one(county, tmp_path, newer):
    """The backup before an upgrade: restored by the program after it, and migrated."""
    folder = Folder(tmp_path / "backups")
    made = make(county.store, tmp_path / "homes", folder, QUIET)
    newer()
    target = Store(make_engine(f"sqlite:///{tmp_path}/new.sqlite"), Blobs(tmp_path / "new"))
    found = restore(
        target, tmp_path / "homes", folder, folder.root / made.name, QUIET, check=lambda _key: None
    )
    assert found.migrated_s is not None
    with target.engine.connect() as connection:
        rooms = connection.exec_driver_sql("SELECT count(*) FROM people WHERE room = teacher_no")
        assert rooms.scalar() == 7
        assert schema.current_revision(connection) == "0003"
    target.close()


def test_a_new_program_saves_a_database_that_is_not_migrated_yet(county, tmp_path, newer):
    newer()
    folder = Folder(tmp_path / "backups")
    made = make(county.store, tmp_path / "homes", folder, QUIET)
    assert made.manifest.schema == "0001" and made.manifest.tables["people"].rows == 7


# What others are supported


def test_the_bounds_are_those_of_the_package_and_of_the_charts():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert "jupyterhub>=6.1,<7" in extras["optional-dependencies"]["hub"]
    assert (JUPYTERHUB.least, JUPYTERHUB.before) == ((6, 1), (7, 0))
    for chart in (ROOT / "helm").glob("*/Chart.yaml"):
        said = re.search(r'kubeVersion: "?>=([0-9.]+)-0 <([0-9.]+)-0', chart.read_text("utf-8"))
        assert said, chart
        assert KUBERNETES.has(said[1]) and not KUBERNETES.has(said[2]), chart


class Api(BaseHTTPRequestHandler):
    """Kubernetes, as far as its version goes."""

    def do_GET(self) -> None:
        right = self.headers["Authorization"] == "Bearer t" and self.path == "/version"
        body = b'{"gitVersion": "v1.35.4"}' if right else b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def account(tmp_path: Path) -> Path:
    """A pod's folder with a token, and a certificate of 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kubernetes")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "ca.crt").write_bytes(certificate.public_bytes(pem))
    (tmp_path / "server.pem").write_bytes(private + certificate.public_bytes(pem))
    (tmp_path / "token").write_text("t\n")
    return tmp_path


def test_a_pod_asks_its_cluster(account):
    server = HTTPServer(("127.0.0.1", 0), Api)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(account / "server.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    where = {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(server.server_port),
    }
    try:
        assert cluster_version(where, account) == "v1.35.4"
        (account / "token").write_text("another\n")
        with pytest.raises(SettingsError, match="没有说出版本"):
            cluster_version(where, account)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert cluster_version({}, account) is None
    assert KUBERNETES.has("v1.32.0") and not KUBERNETES.has("v1.38.1")


def test_the_changelogs_demands_come_with_the_program():
    found = dict(demands(changelog()))
    assert any("身份证号无法解密" in line for line in found["未发布"])
