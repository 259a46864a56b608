"""The app's image: Voila shows a notebook with its result, and there is nothing of the hub in it."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import checks


def main() -> None:
    """Check."""
    checks.ordinary_user()
    checks.has("voila", "worksheet", "lessonkit", "pandas")
    checks.lacks("jupyterhub", "fastapi", "psycopg", "yanxiu_courses", "pip")
    checks.draws_chinese()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "app.ipynb")
        checks.run(
            *(sys.executable, "-P", "-c"),
            "import nbformat, sys; from nbformat import v4 as v; "
            "nbformat.write(v.new_notebook(cells=[v.new_code_cell('print(6 * 7, \"课例\")')]), sys.argv[1])",
            str(source),
        )
        port = checks.free_port()
        command = ["voila", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1", str(source)]
        with checks.running(command, {}, f"http://127.0.0.1:{port}/") as answer:
            assert "42 课例" in answer.decode(), answer[-2000:]
    checks.say("Voila answers with what the notebook printed")


if __name__ == "__main__":
    main()
