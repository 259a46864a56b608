"""The records' image: the portal starts in it over a new database and says that it is well."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import checks

SITE = """
name: {zh_CN: 验证}
county: {code: "411302", name: 示例县}
schools: {"2141000001": {name: 县一小}}
"""


def main() -> None:
    """Check."""
    checks.ordinary_user()
    checks.has("yanxiu.portal.app", "yanxiu.housekeeping.process", "yanxiu.metrics.process")
    checks.has("psycopg", "yanxiu.cli.roster")
    checks.lacks("jupyterhub_traefik_proxy", "oauthenticator", "matplotlib", "kubespawner", "pip")
    checks.yanxiu_says_its_version()
    checks.refuses([sys.executable, "-P", "-m", "yanxiu.housekeeping.process"], "缺少环境变量")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "site.yaml").write_text(SITE, encoding="utf-8")
        data = Path(folder, "data")
        checks.run("yanxiu", "apply", "--site", folder, "--data", str(data))
        port = checks.free_port()
        env = {
            "YANXIU_DATA": str(data),
            "YANXIU_SITE": folder,
            "YANXIU_PORTAL": f"http://127.0.0.1:{port}",
            "YANXIU_SERVERS": f"http://localhost:{port}",
            "YANXIU_WORKER_TOKEN": "w" * 64,
            "YANXIU_SESSION_KEY": "5e" * 32,
            "YANXIU_ID_KEY": "1d" * 32,
            "JUPYTERHUB_API_TOKEN": "s" * 64,
            "JUPYTERHUB_API_URL": "http://127.0.0.1:9/hub/api",
        }
        command = [sys.executable, "-P", "-m", "yanxiu.portal.serve"]
        command += ["--host", "127.0.0.1", "--port", str(port)]
        url = f"http://127.0.0.1:{port}/services/records/healthz"
        with checks.running(command, env, url) as answer:
            assert checks.json_of(answer)["status"] == "ok", answer
    checks.say("the portal answers /healthz, with a database of this version")


if __name__ == "__main__":
    main()
