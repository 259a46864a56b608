"""One judge of file names: kept, mended, or refused so that the file can be named."""

import unicodedata

import pytest
from yanxiu_formats.names import (
    MAX_DEPTH,
    BadName,
    another_name,
    is_kept_name,
    mended_path,
    plain_name,
    safe_path,
)

#: Of Unicode 15.1 (2023), which Python 3.11 knows nothing of; and one not given out yet.
NEW_HAN, FUTURE_HAN = "\U0002ebf0", "\U000323b0"


def gbk(name):
    """What Python makes of a name that a Chinese Windows wrote into a zip."""
    return name.encode("gb18030").decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    "name, plain",
    [
        ("C:\\教案\\第一课.docx", "第一课.docx"),
        ("/etc/passwd", "passwd"),
        ("a\r\nX-Evil: 1.pdf", "a__X-Evil_ 1.pdf"),
        ("e\u0301.pdf", "\u00e9.pdf"),
        ("\u202efdp.docx", "_fdp.docx"),
        ("a\u200bb.pdf", "a_b.pdf"),
        ("half\ud800.pdf", "half_.pdf"),
        (f"王{NEW_HAN}.pdf", f"王{NEW_HAN}.pdf"),
        (f"王{FUTURE_HAN}.pdf", f"王{FUTURE_HAN}.pdf"),
        (gbk("教案.docx"), "教案.docx"),
        # taken for Latin-1 on its way, by a form that says nothing of its encoding
        ("第一课.docx".encode("gbk").decode("latin-1"), "第一课.docx"),
        ("Übung ñandú.pdf", "Übung ñandú.pdf"),
        # what Windows has no file of
        ("aux.docx", "_aux.docx"),
        ("COM1", "_COM1"),
        ("Nul .txt", "_Nul .txt"),
        ("auxiliary.pdf", "auxiliary.pdf"),
        ("第1课: 是什么?.pdf", "第1课_ 是什么_.pdf"),
        ("教案.docx. .", "教案.docx"),
        ("  教案.docx ", "教案.docx"),
        (".pdf", "_.pdf"),
        ("...", ""),
        # length in bytes, with the ending kept
        ("长" * 80 + ".docx", "长" * 48 + ".docx"),
        ("长" * 80, "长" * 50),
        ("👨🏽" * 30 + ".jpg", "👨🏽" * 18 + ".jpg"),
        ("a\u2066b\u2069.pdf", "a_b_.pdf"),
        ("\u200fa\u061c.pdf", "_a_.pdf"),
    ],
)
def test_a_name_loses_folders_and_tricks_and_nothing_else(name, plain):
    assert plain_name(name) == plain
    assert plain_name(plain) == plain
    assert is_kept_name(plain) or plain == ""


def test_a_new_character_is_one_that_this_python_does_not_know():
    assert unicodedata.category(FUTURE_HAN) == "Cn"


@pytest.mark.parametrize("name", ["", ".", "..", ".pdf", "长" * 51, "a/b", "a\0", "\ufeffa"])
def test_what_is_not_kept(name):
    assert not is_kept_name(name)


@pytest.mark.parametrize(
    "path, kept",
    [
        ("a1.ipynb", "a1.ipynb"),
        ("./data/分数.csv", "data/分数.csv"),
        ("cafe\u0301", "caf\u00e9"),
        (f"{NEW_HAN}/{FUTURE_HAN}", f"{NEW_HAN}/{FUTURE_HAN}"),
        ("/".join("a" * MAX_DEPTH), "/".join("a" * MAX_DEPTH)),
        ("字" * 80, "字" * 80),
    ],
)
def test_a_path_in_an_archive(path, kept):
    assert safe_path(path) == kept


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../a",
        "a/../b",
        "a//b",
        "a/./b",
        ".",
        "",
        "./",
        "a\\b",
        "a\nb",
        "a\x85b",
        "\u202egpj.exe",
        "a\ufffe",
        "\U0001ffff",
        "字" * 81,
        "/".join("a" * (MAX_DEPTH + 1)),
        gbk("教案"),
    ],
)
def test_a_path_that_is_refused(path):
    with pytest.raises(BadName):
        safe_path(path)


@pytest.mark.parametrize(
    "path, mended",
    [
        (f"素材/{gbk('第一课')}.txt", "素材/第一课.txt"),
        ("a\tb.txt", "a_b.txt"),
        ("a\\b.txt", "a_b.txt"),
        ("x\udcff\udcfe.txt", "x__.txt"),  # bytes of no encoding that we know
    ],
)
def test_a_name_of_somebodys_folder_is_mended(path, mended):
    assert mended_path(path) == mended
    assert safe_path(mended) == mended


@pytest.mark.parametrize("path", ["字" * 81, "/".join("a" * 13)])
def test_a_name_that_is_too_long_stays_behind(path):
    with pytest.raises(BadName):
        mended_path(path)


def test_two_photos_of_one_name_are_two_files():
    taken = ["image.jpg"]
    for wanted in ("image（2）.jpg", "image（3）.jpg"):
        taken.append(another_name("image.jpg", taken))
        assert taken[-1] == wanted
    assert another_name("README", ["readme"]) == "README（2）"
    assert another_name(".b", [".B"]) == ".b（2）"
    long = plain_name("长" * 80 + ".docx")
    other = another_name(long, [long])
    assert other.endswith("长（2）.docx") and is_kept_name(other)
