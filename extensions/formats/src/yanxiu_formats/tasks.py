"""A unit's tasks as models: one class for each type, told apart by ``type``.

What a single task cannot say of itself (sums of points, ids used twice, ranges that fit) is
``courses/builder/checks.py``'s. What an answer may be is ``answers``'.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, WrapValidator, model_serializer

from .texts import Bilingual, CellText, Frozen, Many

#: Beyond this, and beyond four times a task's own limit, a text is no draft any more.
DRAFT_CHARS = 20_000


def _as_written(value: Any, check: Any) -> Any:
    # 30 stays 30 and does not become 30.0: the same course gives the same bytes.
    check(value)
    return value


Id = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]{0,31}$",
        description="编号：小写字母开头，只用小写字母、数字和下划线，最多 32 个字符",
    ),
]
Points = Annotated[
    float, Field(gt=0, le=100, description="分值，大于 0"), WrapValidator(_as_written)
]
LevelPoints = Annotated[
    float, Field(ge=0, description="这一等级得几分"), WrapValidator(_as_written)
]
Decimals = Annotated[int, Field(ge=0, le=6, description="要求几位小数")]
Ending = Literal[".docx", ".xlsx", ".pptx", ".pdf", ".png", ".jpg", ".csv", ".txt"]


class Option(Frozen):
    """Something to choose, to place, to pair or to fill in."""

    id: Id
    text: Bilingual


class Column(Option):
    """A column of a table of numbers."""

    decimals: Decimals


class ChartKind(Frozen):
    """A kind of chart that may be drawn."""

    id: Literal["bar", "line", "pie"]
    text: Bilingual


class Level(Frozen):
    """What a criterion is worth when it is met so far."""

    points: LevelPoints
    text: Bilingual


class Criterion(Frozen):
    """One thing that a person judges."""

    id: Id
    title: Bilingual
    points: Points
    levels: Annotated[Many[Level], Field(min_length=2)]


class WholePoints(Criterion):
    """A criterion without levels: somebody gives all or some of its points."""

    levels: Many[Level] = ()


class TaskBase(Frozen):
    """What every task has."""

    id: Id
    kind: Literal["auto", "rubric"]
    points: Points
    title: Bilingual
    prompt: Bilingual

    @model_serializer(mode="wrap")
    def _without_blanks(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # As an author writes it: what a task does not have is not there.
        return {name: value for name, value in dump(self).items() if value not in (None, [], ())}


class SheetTask(TaskBase):
    """A task of ours: scored by a machine, or by a person with criteria."""

    criteria: Annotated[Many[Criterion], Field(min_length=1)] = ()


class NumberTask(SheetTask):
    """One number."""

    type: Literal["number"]
    unit: Bilingual | None = None
    decimals: Decimals


class ChoiceTask(SheetTask):
    """One of several options."""

    type: Literal["choice"]
    options: Annotated[Many[Option], Field(min_length=2)]


class ChoicesTask(SheetTask):
    """Several of several options."""

    type: Literal["choices"]
    options: Annotated[Many[Option], Field(min_length=2)]
    min: Annotated[int, Field(ge=0)]
    max: Annotated[int, Field(ge=1)]


class TableTask(SheetTask):
    """A table of numbers."""

    type: Literal["table"]
    rows: Annotated[Many[Option], Field(min_length=1)]
    columns: Annotated[Many[Column], Field(min_length=1)]


class TextTask(SheetTask):
    """A text, counted in characters."""

    type: Literal["text"]
    min_chars: Annotated[int, Field(ge=0)]
    max_chars: Annotated[int, Field(ge=1, le=20_000)]


class ChartTask(SheetTask):
    """A chart to choose and fill with numbers."""

    type: Literal["chart"]
    kinds: Annotated[Many[ChartKind], Field(min_length=2)]
    x: Annotated[Many[Option], Field(min_length=2)]
    y: Annotated[Many[Option], Field(min_length=2)]
    labels: Annotated[Many[Option], Field(min_length=1)]
    decimals: Decimals


class OrderTask(SheetTask):
    """Things to be put in order."""

    type: Literal["order"]
    items: Annotated[Many[Option], Field(min_length=3)]


class MatchTask(SheetTask):
    """Things to be paired; several left ones may share a right one."""

    type: Literal["match"]
    left: Annotated[Many[Option], Field(min_length=2)]
    right: Annotated[Many[Option], Field(min_length=2)]


class FileTask(SheetTask):
    """Files to be added."""

    type: Literal["file"]
    accept: Annotated[
        Many[Ending],
        Field(
            min_length=1,
            description="收哪几种文件，例如 [.docx, .pdf]",
            json_schema_extra={"uniqueItems": True},
        ),
    ]
    min_files: Annotated[int, Field(ge=0, le=5, description="至少交几个文件，0 是可以不交")]
    max_files: Annotated[int, Field(ge=1, le=5, description="最多交几个文件，1 到 5")]
    max_mb: Annotated[int, Field(ge=1, le=10, description="一个文件最多几 MB，1 到 10")]


class CellPoints(Frozen):
    """The points of a cell, which a person gives."""

    id: str
    title: CellText
    points: Annotated[float, Field(ge=0), WrapValidator(_as_written)]
    levels: Many[Level] = ()


class CellTask(TaskBase):
    """A graded cell of a plain nbgrader notebook: its answer is the notebook itself."""

    type: Literal["cell"]
    notebook: str
    grade_id: str
    title: CellText
    prompt: CellText
    points: Annotated[float, Field(ge=0), WrapValidator(_as_written)]
    criteria: Many[CellPoints] = ()


Task = (
    NumberTask
    | ChoiceTask
    | ChoicesTask
    | TableTask
    | TextTask
    | ChartTask
    | OrderTask
    | MatchTask
    | FileTask
)
AnyTask = Task | CellTask
