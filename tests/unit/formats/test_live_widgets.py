"""What JupyterLab and Voila do to the widgets of a real kernel gives what the form gives.

``test_same_everywhere`` sets the widgets' values in Python, for any text. Here a front end's own
messages (``comm_msg`` with the state that a browser changed) go to a kernel that runs the widgets,
for a table of texts: at least one of every type of task. What a browser makes of it all stands in
``tests/browser/test_voila.py``.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from yanxiu.courses import forms
from yanxiu_formats import answers
from yanxiu_formats.units import unit_of

from tests.support.every_task import EVERY_TASK, _options, _task
from tests.support.ordering import ARRANGED

MORE = [
    _task("pairs", "match", 5, "配", left=_options(p="难", d="区"), right=_options(e="易", a="分")),
    next(task for task in ARRANGED["tasks"] if task["id"] == "steps"),
]
DEFINITION = {**EVERY_TASK, "tasks": [*EVERY_TASK["tasks"], *MORE]}
UNIT = unit_of(DEFINITION)
TASKS = {task.type: task for task in UNIT.tasks if task.type != "file"}
WAIT_S = 120

SETUP = """
import json, os
os.environ["YANXIU_LANG"] = "zh_CN"
from pathlib import Path
import ipywidgets as w
from worksheet.state import Sheet
from worksheet.views import TaskView

sheet = Sheet(Path({folder!r}))
views = {{task.id: TaskView(sheet, task) for task in sheet.unit.tasks}}
INPUTS = (w.Text, w.Textarea, w.Dropdown, w.RadioButtons, w.Checkbox)

def inside(view, kind):
    found = [view] if isinstance(view, kind) else []
    for child in getattr(view, "children", ()):
        found += inside(child, kind)
    return found

def inputs(task):
    return [
        [type(one).__name__, one.model_id, list(getattr(one, "_options_values", ()))]
        for one in inside(views[task], INPUTS)
    ]

def kept(task):
    return [sheet.value(task), inside(views[task], w.HTML)[-1].value]
"""


class FrontEnd:
    """A front end's side of the widgets of one kernel."""

    def __init__(self, client: BlockingKernelClient):
        self._client = client

    def ask(self, expression: str) -> Any:
        """Return what an expression gives in the kernel."""
        said = self._client.execute_interactive(
            "", user_expressions={"it": f"json.dumps({expression})"}, timeout=WAIT_S
        )["content"]["user_expressions"]["it"]
        assert said["status"] == "ok", said
        return json.loads(eval(said["data"]["text/plain"]))

    def run(self, code: str) -> None:
        """Run code in the kernel."""
        said = self._client.execute_interactive(code, timeout=WAIT_S)["content"]
        assert said["status"] == "ok", said

    def change(self, model: str, **state: Any) -> None:
        """Tell the kernel what a reader changed of a widget, as a browser does."""
        data = {"method": "update", "state": state, "buffer_paths": []}
        content = {"comm_id": model, "data": data}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", content))

    def type_in(self, task: Any, texts: dict[tuple[str, ...], list[str]]) -> Any:
        """Fill a task in; return the answer kept and the last sentence shown."""
        boxes = self.ask(f"inputs({task.id!r})")
        if task.type == "chart":  # its boxes for points come last, as in the form
            boxes.sort(key=lambda one: one[0] == "Text")
        if task.type == "choices":
            for (_, model, _), option in zip(boxes, task.options, strict=True):
                self.change(model, value=option.id in texts[()])
        else:
            for (kind, model, values), path in zip(boxes, texts, strict=True):
                text = texts[path][0]
                if kind in ("Text", "Textarea"):
                    self.change(model, value=text)
                    continue
                value = int(text) if text and task.type == "order" else text
                self.change(model, index=values.index(value) if text else 0)
        return self.ask(f"kept({task.id!r})")


@pytest.fixture(scope="module")
def front_end(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FrontEnd]:
    """The unit's widgets in a kernel of their own."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "unit.json").write_text(json.dumps(DEFINITION), encoding="utf-8")
    manager, client = start_new_kernel(startup_timeout=WAIT_S, cwd=str(folder))
    try:
        made = FrontEnd(client)
        made.run(SETUP.format(folder=str(Path(folder))))
        yield made
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


NUMBERS = ["42", "４２", "1e3", "-0", "12.50", "八成", "1_000", "nan", "1e999", "9" * 400, "4\x002"]
TEXTS = ["好", "第一行\r\n第二行", " 前后 ", "1e3", "\u202e反", "长" * 20_001, "a\0b"]
TABLE = [
    *(("number", {(): [text]}) for text in NUMBERS),
    *(("text", {(): [text]}) for text in TEXTS),
    ("choice", {(): ["q2"]}),
    ("choices", {(): ["a", "c"]}),
    ("order", {(one.id,): [str(n)] for n, one in enumerate(TASKS["order"].items, 1)}),
    ("match", {("p",): ["a"], ("d",): ["e"]}),
]


@pytest.mark.parametrize(
    ("kind", "texts"), TABLE, ids=[f"{k}-{n}" for n, (k, _) in enumerate(TABLE)]
)
def test_a_front_ends_messages_give_what_the_form_gives(front_end, kind, texts):
    compare(front_end, TASKS[kind], texts)


@pytest.mark.parametrize("text", ["1", "1e3", "nan", "两"])
@pytest.mark.parametrize("kind", ["table", "chart"])
def test_so_do_tables_and_charts(front_end, kind, text):
    task = TASKS[kind]
    texts = {}
    for path in answers.flatten(task, None):
        options = {"kind": "kinds", "x": "x", "y": "y"}.get(path[0] if kind == "chart" else "")
        texts[path] = [getattr(task, options)[0].id if options else text]
    compare(front_end, task, texts)


def compare(front_end: FrontEnd, task: Any, texts: dict[tuple[str, ...], list[str]]) -> None:
    """Fill in both; they keep the same, or say the same."""
    typed = {forms.field_name(task, path): values for path, values in texts.items()}
    filled = forms.read(UNIT, typed)
    wrong = [one.text("zh_CN") for one in filled.wrong if one.task_id == task.id]
    kept, shown = front_end.type_in(task, texts)
    if wrong:
        assert wrong[0] in shown
    else:
        assert kept == filled.answers[task.id]
        assert "没有保存" not in shown
