"""Whatever is typed in Lab, in Voila, in the form or put in answers.json by hand: one answer.

Or one sentence. The widgets are those that JupyterLab and Voila show alike; the form is read as
the portal reads it; the file goes the two ways that it can go, into the notebook again and
through the door of the service.
"""

import json
from pathlib import Path

import ipywidgets as w
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from worksheet.state import Sheet
from worksheet.views import TaskView
from yanxiu.courses import bundles, forms
from yanxiu.errors import Invalid
from yanxiu.settings.model import BundleLimits
from yanxiu.store.blobs import Blobs
from yanxiu_formats import answers, answers_file, bundle
from yanxiu_formats.units import unit_of

from tests.support.every_task import EVERY_TASK, _options, _task
from tests.support.ordering import ARRANGED

MORE = [
    _task(
        "kinds_", "match", 5, "配", left=_options(p="难", d="区"), right=_options(e="易", a="分")
    ),
    next(task for task in ARRANGED["tasks"] if task["id"] == "steps"),
]
DEFINITION = {**EVERY_TASK, "tasks": [*EVERY_TASK["tasks"], *MORE]}
UNIT = unit_of(DEFINITION)
#: What people type into a box for a number or a text.
TYPED = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "42",
            "４２人",
            "42 pupils",
            "1e3",
            "1E-7",
            "-0",
            "−3",
            "0。5",
            ".5",
            "12.50",
            "1_000",
            "八成",
            "85%",
            "nan",
            "inf",
            "9" * 20,
            "9" * 400,
            "1e999",
            "\0",
            "4\x002",
            "长" * 20_001,
            "第一行\r\n第二行",
            "　　缩进",
            " 前后 ",
            "\u202e反",
            "a\tb",
            "{}",
            "[]",
            "null",
        ]
    ),
    st.text("0123456789.eE+-人　 \n字", max_size=12),
)


def boxes(view, kind):
    found = [view] if isinstance(view, kind) else []
    for child in getattr(view, "children", ()):
        found += boxes(child, kind)
    return found


def in_lab(folder: Path, task, texts):
    """Type into the widgets; return the answer kept and the sentence shown, if one is."""
    (folder / "unit.json").write_text(json.dumps(DEFINITION), encoding="utf-8")
    (folder / "answers.json").unlink(missing_ok=True)
    sheet = Sheet(folder)
    view = TaskView(sheet, task)
    order = list(texts)
    if task.type in ("number", "text"):
        boxes(view, w.Text if task.type == "number" else w.Textarea)[0].value = texts[()][0]
    elif task.type == "table":
        for box, path in zip(boxes(view, w.Text), order, strict=True):
            box.value = texts[path][0]
    elif task.type == "chart":
        for box, path in zip(boxes(view, w.Dropdown) + boxes(view, w.Text), order, strict=True):
            box.value = texts[path][0]
    elif task.type == "choice":
        boxes(view, w.RadioButtons)[0].value = texts[()][0] or None
    elif task.type == "choices":
        for box, option in zip(boxes(view, w.Checkbox), task.options, strict=True):
            box.value = option.id in texts[()]
    else:
        for box, path in zip(boxes(view, w.Dropdown), order, strict=True):
            text = texts[path][0]
            box.value = int(text) if text and task.type == "order" else text or None
            if task.type == "match":
                box.value = text
    said = boxes(view, w.HTML)[-1].value
    return sheet.value(task.id), said


def in_form(task, texts):
    typed = {forms.field_name(task, path): values for path, values in texts.items()}
    filled = forms.read(UNIT, typed)
    wrong = [one.text("zh_CN") for one in filled.wrong if one.task_id == task.id]
    return filled.answers[task.id], wrong


def by_hand(folder: Path, task, raw):
    """Put a value into answers.json; return what Lab reads and what the service says."""
    sheet = Sheet(folder)
    (folder / "answers.json").write_bytes(answers_file.write(UNIT, {task.id: raw}))
    read = sheet.value(task.id)
    packed = bundle.pack({"answers.json": (folder / "answers.json").read_bytes()})
    try:
        bundles.read_bundle(iter([packed]), UNIT, BundleLimits(), Blobs(folder.with_name("blobs")))
    except Invalid as refusal:
        return read, refusal.text()
    return read, ""


@st.composite
def typing(draw):
    task = draw(st.sampled_from(UNIT.tasks))
    some = {
        "number": lambda: {(): [draw(TYPED)]},
        "text": lambda: {(): [draw(TYPED)]},
        "choice": lambda: {(): [draw(st.sampled_from(["", "q1", "q2"]))]},
        "choices": lambda: {(): draw(st.lists(st.sampled_from("abcd"), unique=True))},
        "table": lambda: {path: [draw(TYPED)] for path in answers.flatten(task, None)},
        "chart": lambda: {
            path: [draw(TYPED if path[0] == "points" else st.sampled_from(_ids(task, path[0])))]
            for path in answers.flatten(task, None)
        },
        "order": lambda: {
            (one.id,): [draw(st.sampled_from(["", "1", "2", "3"]))] for one in task.items
        },
        "match": lambda: {(one.id,): [draw(st.sampled_from(["", "e", "a"]))] for one in task.left},
    }
    return task, some[task.type]()


def _ids(task, part):
    options = {"kind": task.kinds, "x": task.x, "y": task.y}[part]
    return ["", *(one.id for one in options)]


@pytest.fixture(autouse=True)
def chinese(monkeypatch):
    monkeypatch.setenv("YANXIU_LANG", "zh_CN")


@settings(
    deadline=None,  # the machine may be busy
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(typed=typing())
def test_the_same_answer_or_the_same_sentence(tmp_path, typed):
    task, texts = typed
    kept, wrong = in_form(task, texts)
    in_notebook, shown = in_lab(tmp_path, task, texts)
    raw = answers.gather(task, texts)
    if task.type == "order":
        # The file's form of an order is a list: what the boxes mean where it is clear.
        raw = raw if wrong else kept
    in_file, refused = by_hand(tmp_path, task, raw)
    assert in_file == kept
    if wrong:
        assert wrong[0] in shown
        assert wrong[0] in refused
    else:
        assert in_notebook == kept
        assert "没有保存" not in shown
        assert refused == ""
