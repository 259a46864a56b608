"""Reading a coded lesson: what is accepted, what is refused with its row, and what may be compared."""

import numpy as np
import pandas as pd
import pytest
from lessonkit import agreement, books, st, table
from lessonkit.codebook import Code, CodeBook, from_frame
from lessonkit.errors import BookError, CodeError, MarkError, ShapeError


def coded(codes, step=30, **columns):
    return pd.DataFrame(
        {"t_start_s": [step * place for place in range(len(codes))], "code": list(codes), **columns}
    )


def test_a_lesson_of_two_coders_is_read_and_compared():
    df = pd.concat([coded("TTSS", coder="甲"), coded("TSSS", coder="乙")]).sample(
        frac=1, random_state=1
    )
    lesson = table.read_lesson(df)
    assert sorted(lesson.coders) == ["乙", "甲"]
    assert lesson.codes_of(coder="甲") == ["T", "T", "S", "S"]
    assert lesson.interval_s == 30
    assert agreement.cohen_kappa(agreement.table(*lesson.pair("甲", "乙"))).po == 0.75
    assert st.analyse(lesson.codes_of(coder="乙"), lesson.interval_s).rt == 0.25


def test_the_table_as_a_spreadsheet_hands_it_over():
    df = pd.DataFrame(
        {" Code ": ["ｔ", " S", "T "], "\ufeffT_start_s": ["0", " 30", 60.0], "姓名": ["…"] * 3,
         "note": [None, "追问", np.nan]}
    )  # fmt: skip
    before = df.copy()
    lesson = table.read_lesson(df)
    assert lesson.codes == ["T", "S", "T"]
    assert lesson.rows.columns.tolist() == ["t_start_s", "code", "track", "coder", "note"]
    assert lesson.rows["note"].tolist() == ["", "追问", ""]
    pd.testing.assert_frame_equal(df, before)


def test_numbers_stay_open_until_somebody_names_the_book():
    lesson = table.read_lesson(coded([5, "5", 4.0], step=3))
    assert [book.id for book in lesson.books] == ["fias", "itias", "bloom"]
    assert table.read_lesson(coded([5, 4.1], step=3)).books == (books.IFIAS,)
    assert table.read_lesson(coded([5, 5], step=3), book=books.FIAS).books == (books.FIAS,)


@pytest.mark.parametrize(
    "times, interval",
    [([0, 30, 60], 30), ([15, 45, 75], 30), ([0, 0.1, 0.2, 0.3], 0.1), ([0, 30, 75], None), ([0], None), ([], None)],
)  # fmt: skip
def test_the_interval_is_the_step_or_there_is_none(times, interval):
    df = pd.DataFrame({"t_start_s": times, "code": ["T"] * len(times)})
    assert table.read_lesson(df).interval_s == interval


@pytest.mark.parametrize(
    "df, options, error, said",
    [
        (coded("TSX"), {}, CodeError, "第 3 条记录（表格第 4 行）的编码是“X”"),
        (coded("X"), {}, CodeError, "已知的编码本"),
        (coded([5, 99]), {}, CodeError, "第 2 条记录（表格第 3 行）的编码是“99”"),
        (coded([5, 11]), {"book": books.FIAS}, CodeError, "第 2 条记录"),
        (coded(["T", None]), {}, CodeError, "第 2 条记录（表格第 3 行）的编码是空的"),
        (pd.DataFrame({"t_start_s": [0, "早"], "code": ["T", "S"]}), {}, MarkError, "第 2 条记录.*“早”"),
        (pd.DataFrame({"t_start_s": [0, None], "code": ["T", "S"]}), {}, MarkError, "第 2 条记录.*空的"),
        (pd.DataFrame({"t_start_s": [-1], "code": ["T"]}), {}, MarkError, "从 0 起的秒数"),
        (pd.DataFrame({"t_start_s": [0, 30, 0], "code": ["T", "S", "S"]}), {}, ShapeError, "第 3 条记录.*两个编码"),
        (pd.DataFrame({"t_start_s": [0, 30, 90], "code": ["T", "S", "S"]}), {"interval_s": 30}, ShapeError,
         "第 3 条记录.*离上一条 60 秒"),
        (pd.DataFrame({"time": [0], "code": ["T"]}), {}, ShapeError, "缺少列 t_start_s；表里有 time、code"),
        (pd.DataFrame([[0, "T", "S"]], columns=["t_start_s", "code", "code"]), {}, ShapeError, "出现了两次"),
        ([0, 30], {}, ShapeError, "DataFrame"),
        (coded("TS"), {"interval_s": 0}, MarkError, "大于 0 的秒数"),
    ],
)  # fmt: skip
def test_every_fault_names_its_row(df, options, error, said):
    with pytest.raises(error, match=said):
        table.read_lesson(df, **options)


def test_an_empty_lesson_is_one_without_codes():
    lesson = table.read_lesson(coded(""))
    assert (lesson.codes, lesson.tracks, lesson.coders) == ([], [], [])


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda lesson: lesson.codes, "几个轨道：主讲、听讲"),
        (lambda lesson: lesson.codes_of(track="后排"), "没有轨道“后排”；有的是 主讲、听讲"),
        (lambda lesson: lesson.pair("甲", "丙", track="主讲"), "没有编码者“丙”"),
        (lambda lesson: lesson.pair("甲", "乙", track="主讲"), "“乙”在 60 秒没有编码（共 1 格）"),
    ],
)
def test_one_must_say_whose_codes(call, said):
    lesson = table.read_lesson(
        pd.concat(
            [coded("TTS", track="主讲", coder="甲"), coded("TT", track="主讲", coder="乙"),
             coded("SSS", track="听讲", coder="甲")]
        )
    )  # fmt: skip
    with pytest.raises(ShapeError, match=said):
        call(lesson)


def test_codes_by_event_have_no_slots():
    df = pd.DataFrame(
        {"t_start_s": [0, 4, 90] * 2, "code": list("IRF") * 2, "coder": list("aaabbb")}
    )
    lesson = table.read_lesson(df)
    assert lesson.interval_s is None
    with pytest.raises(ShapeError, match="按事件编码"):
        lesson.pair("a", "b")


@pytest.mark.parametrize(
    "other, said",
    [
        (coded("TS", step=15), "取样间隔是 30 秒和 15 秒|30 秒 和 15 秒"),
        (coded([5, 8]), "编码本不同"),
        (pd.DataFrame({"t_start_s": [0, 4, 9], "code": list("TTS")}), "按事件"),
    ],
)
def test_only_lessons_of_one_book_and_interval_are_compared(other, said):
    lesson = table.read_lesson(coded("TSTS"))
    table.check_comparable(lesson, table.read_lesson(coded("SS")))
    with pytest.raises(ShapeError, match=said):
        table.check_comparable(lesson, table.read_lesson(other))


# --- code books
def test_every_shipped_book_reads_its_own_codes_and_names():
    for book in (*books.LESSON_BOOKS, books.TPACK):
        assert book.read(book.labels) == book.labels
        assert book.read([code.zh for code in book.codes]) == book.labels
        assert book.read([code.en.upper() for code in book.codes]) == book.labels


@pytest.mark.parametrize(
    "make, said",
    [
        (
            lambda: CodeBook("x", "x", "x", (Code("a", "甲", "one"), Code("A", "乙", "two"))),
            "既是 a 又是 A",
        ),
        (lambda: CodeBook("x", "x", "x", (Code("a", "甲", "one"),), {"g": ("b",)}), "b 不是编码"),
        (lambda: from_frame(pd.DataFrame({"code": ["a"]}), id="x", zh="x"), "缺少 label"),
        (
            lambda: from_frame(pd.DataFrame({"code": [None], "label": ["a"]}), id="x", zh="x"),
            "第 1 行没有编码",
        ),
    ],
)
def test_a_book_that_contradicts_itself_is_refused(make, said):
    with pytest.raises(BookError, match=said):
        make()


def test_a_groups_own_book_is_data():
    frame = pd.DataFrame(
        {
            "code": ["J", "L"],
            "label": ["讲", "练"],
            "group": ["t all", "s,all"],
            "aliases": ["1", None],
        }
    )
    book = from_frame(frame, id="jl", zh="讲练")
    assert book.groups == {"t": ("J",), "all": ("J", "L"), "s": ("L",)}
    assert table.read_lesson(coded(["讲", 1, "l"]), book=book).codes == ["J", "J", "L"]
