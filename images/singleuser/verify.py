"""The teacher's image: JupyterLab starts in Chinese with our panel, a kernel runs pandas, charts have Chinese labels."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import checks

NOTEBOOK = "import pandas as pd; print(pd.DataFrame({'a': [1, 2]}).a.sum() * 14)"


def main() -> None:
    """Check."""
    checks.ordinary_user()
    checks.has(
        "jupyterhub.singleuser", "jupyterlab_yanxiu", "nbgrader_yanxiu", "lessonkit", "worksheet"
    )
    checks.lacks(
        "fastapi", "psycopg", "sqlalchemy_utils", "oauthenticator", "yanxiu_courses", "pip"
    )
    checks.draws_chinese()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "try.ipynb")
        checks.run(
            *(sys.executable, "-P", "-c"),
            "import nbformat, sys; from nbformat import v4 as v; "
            "nbformat.write(v.new_notebook(cells=[v.new_code_cell(sys.argv[1])]), sys.argv[2])",
            *(NOTEBOOK, str(source)),
        )
        told = checks.run(
            "jupyter", "nbconvert", "--to", "markdown", "--execute", "--stdout", str(source)
        )
        assert "\n    42\n" in told, told
        checks.say("a kernel runs a cell with pandas")
        port = checks.free_port()
        command = ["jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
        command += ["--IdentityProvider.token=verify", f"--ServerApp.root_dir={folder}"]
        at = f"http://127.0.0.1:{port}"
        with checks.running(command, {}, f"{at}/lab/api/translations/?token=verify") as answer:
            assert "zh_CN" in checks.json_of(answer)["data"], answer[:200]
        with checks.running(command, {}, f"{at}/lab?token=verify") as answer:
            assert b"jupyterlab-yanxiu" in answer, answer[:500]
    checks.say("JupyterLab answers, in Chinese and with the panel")


if __name__ == "__main__":
    main()
