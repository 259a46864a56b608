"""A course and its units as frozen models: ``course.yaml``, ``unit.yaml`` and ``unit.json``.

``unit.json`` is ``unit.yaml`` with its defaults filled in. A unit of a plain nbgrader course is
another kind of unit with the same questions to ask of it. ``parse_unit`` is the one way in:
whoever holds a ``Unit`` need not look again whether something is there.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    WrapValidator,
    model_validator,
)

from .tasks import AnyTask, CellTask, Id, Task, _as_written
from .texts import Bilingual, CellText, Frozen, Many

#: What learners get of a unit beside its notebook and data.
UNIT_FILE, INTRO, INTRO_EN = "unit.json", "intro.md", "intro.en.md"
UnitId = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,31}$",
        description="单元编号：小写字母开头，只用小写字母、数字和下划线，最多 32 个字符",
    ),
]
Hours = Annotated[
    float,
    Field(gt=0, le=50, description="通过后记多少学时"),
    WrapValidator(_as_written),
]


class BadUnit(ValueError):
    """A text is no unit of ours; the message says where and why, in English, for a log."""


class DataFile(Frozen):
    """A table that comes with a unit."""

    file: Annotated[
        str,
        Field(
            pattern=r"^data/[A-Za-z0-9_]{1,64}\.csv$",
            description="数据文件的位置，例如 data/quiz.csv",
        ),
    ]
    title: Bilingual
    chart: Annotated[
        Literal["sp"] | None,
        Field(
            description="这张表另外画成什么图：sp 是 S-P 图（第一列学生，其余各列是 0 和 1）",
            json_schema_extra={"enum": ["sp"]},
        ),
    ] = None


class Course(Frozen):
    """course.yaml"""

    id: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9-]{0,31}$",
            description="课程编号：小写字母开头，只用小写字母、数字和连字符，最多 32 个字符",
        ),
    ]
    title: Bilingual
    summary: Bilingual
    units: Annotated[
        Many[UnitId],
        Field(min_length=1),
    ]


class WorksheetUnit(Frozen):
    """unit.yaml"""

    kind: ClassVar[Literal["worksheet"]] = "worksheet"

    id: UnitId
    point: Annotated[
        str,
        Field(
            pattern=r"^(A([1-9]|1[0-3])|B([1-9]|10)|C[1-7])$",
            description="能力点编号，A1 到 C7，例如 A1",
        ),
    ]
    title: Bilingual
    minutes: Annotated[int, Field(ge=5, le=240, description="大约要多少分钟")]
    credit_hours: Hours
    hours_kind: Literal["online", "practice"] = "online"
    pass_total: Annotated[
        float,
        Field(ge=1, le=100, description="总分达到多少算通过"),
        WrapValidator(_as_written),
    ] = 60
    notebook: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,31}\.ipynb$",
            description="笔记本的文件名，不写就是“单元编号.ipynb”",
        ),
    ] = ""
    intro: Literal["intro.md"] = "intro.md"
    data: Many[DataFile] = ()
    tasks: Annotated[Many[Annotated[Task, Field(discriminator="type")]], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _name_notebook(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("id"), str):
            return {"notebook": f"{given['id']}.ipynb", **given}
        return given

    @property
    def name(self) -> str:
        """What its folder and its archive are called."""
        return self.id

    @property
    def notebooks(self) -> tuple[str, ...]:
        """What is to be handed in."""
        return (self.notebook,)

    @property
    def full_points(self) -> float:
        """What all tasks give together."""
        return 100.0

    def task(self, task_id: str) -> Task | None:
        """Return a task, None when there is none of this id."""
        return next((one for one in self.tasks if one.id == task_id), None)


class NbgraderUnit(Frozen):
    """A unit of a plain nbgrader course, made by ``yanxiu course import``."""

    id: Id
    kind: Literal["nbgrader"]
    point: str
    assignment: str
    title: CellText
    minutes: Annotated[int, Field(ge=0)]
    credit_hours: Annotated[float, Field(ge=0), WrapValidator(_as_written)]
    hours_kind: str
    max_total: Annotated[float, Field(ge=0), WrapValidator(_as_written)]
    pass_total: Annotated[float, Field(ge=0), WrapValidator(_as_written)]
    notebook: str
    notebooks: Annotated[Many[str], Field(min_length=1)]
    files: Many[str] = ()
    #: Seconds that a cell may run when it is graded; None: as the site has it.
    cell_timeout_s: Annotated[int, Field(ge=0)] | None = None
    tasks: Many[CellTask]

    #: There are none that the platform knows of: what the assignment brings are ``files``.
    data: ClassVar[tuple[DataFile, ...]] = ()
    intro: ClassVar[str] = INTRO

    @property
    def name(self) -> str:
        """What its folder and its archive are called."""
        return self.assignment

    @property
    def full_points(self) -> float:
        """What all tasks give together."""
        return float(self.max_total)

    def task(self, task_id: str) -> CellTask | None:
        """Return a task, None when there is none of this id."""
        return next((one for one in self.tasks if one.id == task_id), None)


def _kind(given: Any) -> Any:
    # Units built before there were two kinds say nothing of it.
    if isinstance(given, dict):
        return given.get("kind", WorksheetUnit.kind)
    return getattr(given, "kind", WorksheetUnit.kind)


Unit = WorksheetUnit | NbgraderUnit
_UNIT: TypeAdapter[Unit] = TypeAdapter(
    Annotated[
        Annotated[WorksheetUnit, Tag("worksheet")] | Annotated[NbgraderUnit, Tag("nbgrader")],
        Discriminator(_kind),
    ]
)


@lru_cache(maxsize=512)
def parse_unit(text: str | bytes) -> Unit:
    """Return the unit that ``unit.json`` says; the same text is parsed once.

    :raises BadUnit: it is none, or of another version of the format
    """
    try:
        return _UNIT.validate_json(text)
    except ValidationError as error:
        raise BadUnit(str(error)) from None


def unit_of(content: Any) -> Unit:
    """Return the unit that a dictionary says, as ``parse_unit`` does of its text."""
    return parse_unit(canonical(content))


def canonical(content: Any) -> str:
    """Return canonical JSON: sorted keys, no spaces, no newline at the end."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def unit_json(unit: Unit) -> dict[str, Any]:
    """Return ``unit.json`` as a dictionary, with defaults filled in."""
    return unit.model_dump(mode="json", exclude_none=True)


def tasks_by_id(unit: Unit) -> dict[str, AnyTask]:
    """Return the tasks of a unit by id, in its order."""
    return {task.id: task for task in unit.tasks}


def numbers_of(unit: Unit, task_ids: Sequence[str]) -> str:
    """Return the numbers under which people know these tasks, such as “1、3”."""
    ids = [task.id for task in unit.tasks]
    return "、".join(str(ids.index(one) + 1) for one in task_ids if one in ids)


def released_files(unit: Unit | None) -> set[str]:
    """Return what lies beside a notebook because the release brought it; nobody hands it in."""
    return {UNIT_FILE, INTRO, INTRO_EN} | {one.file for one in (unit.data if unit else ())}
