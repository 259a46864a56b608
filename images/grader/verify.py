"""The grader's image: a worker starts in it, and finds nothing there that is worth stealing."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import checks


def main() -> None:
    """Check."""
    checks.ordinary_user()
    checks.has("yanxiu.grading.worker", "httpx")
    checks.lacks("sqlalchemy", "psycopg", "jupyterhub", "cryptography", "nbconvert", "pip")
    checks.yanxiu_says_its_version()
    command = [sys.executable, "-P", "-m", "yanxiu.grading.worker"]
    checks.refuses(command, "缺少环境变量")
    env = {
        "YANXIU_RECORDS_INTERNAL": "http://127.0.0.1:9",
        "YANXIU_WORKER_TOKEN": "verify",
        "YANXIU_LAUNCHER_SOCKET": "/nowhere",
    }
    worker = subprocess.Popen(command, env={**os.environ, **env}, stderr=subprocess.PIPE, text=True)
    assert worker.stderr is not None
    said = worker.stderr.readline()
    worker.terminate()
    assert "waiting" in said and worker.wait(30) == 0, said
    checks.say("a worker waits for those who can run a job, and ends when told")


if __name__ == "__main__":
    main()
