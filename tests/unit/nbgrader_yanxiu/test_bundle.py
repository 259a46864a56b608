"""What goes into a bundle, what stays behind, and what is refused."""

import io
import json
import os
import tarfile

import pytest
from nbgrader_yanxiu.bundle import Bundle, pack
from nbgrader_yanxiu.errors import NotPacked
from yanxiu.courses import bundles
from yanxiu.settings.model import BundleLimits
from yanxiu.store.blobs import Blobs
from yanxiu_formats.bundle import Limits
from yanxiu_formats.units import unit_of

from tests.support.units import UNIT as DEFINITION
from tests.support.units import notebook

UNIT = unit_of(DEFINITION)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "unit.json").write_text(json.dumps(DEFINITION), encoding="utf-8")
    (tmp_path / "intro.md").write_text("# 说明\n", encoding="utf-8")
    (tmp_path / "data/quiz.csv").write_text("学生,第1题\nS01,1\n", encoding="utf-8-sig")
    (tmp_path / "u1.ipynb").write_text(json.dumps(notebook()), encoding="utf-8")
    return tmp_path


#: Of Unicode 15.1, which Python 3.11 knows nothing of.
NEW_HAN = "\U0002ebf0"


def said(bundle):
    return [note.text("zh_CN") for note in bundle.notes]


def content(bundle, name):
    with tarfile.open(fileobj=io.BytesIO(bundle.body)) as tar:
        return tar.extractfile(name).read()


def names(bundle):
    with tarfile.open(fileobj=io.BytesIO(bundle.body)) as tar:
        return tar.getnames()


def test_the_teachers_files_go_and_the_releases_stay(folder):
    (folder / "answers.json").write_text("{}")
    (folder / "图").mkdir()
    (folder / "图/方案.md").write_text("方案", encoding="utf-8")
    (folder / ".yanxiu.json").write_text("{}")
    for hidden in (".ipynb_checkpoints", "__pycache__"):
        (folder / hidden).mkdir()
        (folder / hidden / "x").write_text("x")
    assert names(pack(folder, UNIT)) == ["answers.json", "u1.ipynb", "图/方案.md"]


def test_the_same_files_give_the_same_bytes(folder):
    first = pack(folder, UNIT)
    os.utime(folder / "u1.ipynb", (1, 1))
    assert pack(folder, UNIT) == first
    (folder / "answers.json").write_text("[]")
    assert pack(folder, UNIT).digest != first.digest


def test_links_and_special_files_are_left_out_and_named(folder):
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "etc").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    bundle = pack(folder, UNIT)
    assert names(bundle) == ["u1.ipynb"]
    assert said(bundle) == [
        "没有放进去的（链接、特殊文件、读不出来的，或名字太长、太深）：etc、passwd、pipe。"
    ]


def test_names_that_no_other_system_reads_are_mended_and_said(folder):
    name = "教案.txt".encode("gb18030")
    (folder / os.fsdecode(name)).write_text("x")
    (folder / "a\tb.txt").write_text("x")
    (folder / f"王{NEW_HAN}.txt").write_text("x")
    bundle = pack(folder, UNIT)
    assert names(bundle) == ["a_b.txt", "u1.ipynb", "教案.txt", f"王{NEW_HAN}.txt"]
    assert said(bundle) == [
        "有的文件名别的系统读不了，提交时换了名字：a_b.txt、教案.txt。您文件夹里的没有改动。"
    ]


def test_what_lies_too_deep_is_left_out_and_named(folder):
    deep = folder.joinpath(*"abcdefghijklm")
    deep.mkdir(parents=True)
    (deep / "深.txt").write_text("x")
    bundle = pack(folder, UNIT)
    assert names(bundle) == ["u1.ipynb"]
    assert "深.txt" in said(bundle)[0]


def test_names_are_in_one_form(folder):
    (folder / "cafe\u0301.txt").write_text("x")
    assert "caf\u00e9.txt" in names(pack(folder, UNIT))
    (folder / "caf\u00e9.txt").write_text("y")
    bundle = pack(folder, UNIT)
    assert content(bundle, "caf\u00e9.txt") == b"y", "the one that is called so keeps its name"
    assert content(bundle, "caf\u00e9（2）.txt") == b"x"
    assert "caf\u00e9（2）.txt" in said(bundle)[0]


def test_names_that_are_one_on_windows_are_both_sent(folder):
    for name in ("u1.IPYNB", "a.txt", "A.TXT", "图/B.md", "图/b.md", "x:y.csv", "aux.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    (folder / "files/report").mkdir(parents=True)
    for name in ("I.jpg", "i.jpg"):
        (folder / "files/report" / name).write_text(name)
    bundle = pack(folder, UNIT)
    kept = ["A.TXT", "a（2）.txt", "aux.csv", "files/report/I.jpg", "files/report/i.jpg"]
    kept += ["u1.ipynb", "u1（2）.IPYNB", "x:y.csv", "图/B.md", "图/b（2）.md"]
    assert names(bundle) == sorted(kept), (
        "the notebook keeps its name, and data what a notebook calls it"
    )
    assert content(bundle, "a（2）.txt") == b"a.txt"
    assert said(bundle) == [
        "有的文件名只差大小写，或看起来一样，在别的系统里会互相覆盖，提交时换了名字："
        "a（2）.txt、u1（2）.IPYNB、图/b（2）.md。您文件夹里的没有改动。"
    ]


def test_of_many_that_are_left_out_some_are_named(folder):
    for number in range(30):
        (folder / f"l{number:02}").symlink_to("/etc/passwd")
    [note] = said(pack(folder, UNIT))
    assert "l00、l01" in note and "（30）" in note and "l10" not in note


@pytest.mark.parametrize(
    "limits, sentence",
    [
        (Limits(files=1), "一次最多 1 个"),
        (Limits(total_bytes=1000), r"一次最多 0\.001 MB.*最大的是 big.bin"),
    ],
)
def test_limits_are_said_with_numbers(folder, limits, sentence):
    (folder / "big.bin").write_bytes(b"x" * 10_000)
    size = 10_000 + (folder / "u1.ipynb").stat().st_size
    assert pack(folder, UNIT, limits=Limits(files=2, total_bytes=size)).count == 2
    with pytest.raises(NotPacked, match=sentence):
        pack(folder, UNIT, limits=limits)


def test_an_empty_folder_has_nothing_to_submit(folder):
    (folder / "u1.ipynb").unlink()
    with pytest.raises(NotPacked, match="还没有可以提交的内容"):
        pack(folder, UNIT)


def test_one_notebook_of_a_plain_course_goes_as_it_is(folder):
    (folder / "unit.json").unlink()
    (folder / "u1.ipynb").rename(folder / "ps1.ipynb")
    bundle = pack(folder, notebooks=["ps1.ipynb"])
    assert "ps1.ipynb" in names(bundle)
    assert bundle.notes == ()


def test_several_notebooks_of_a_plain_course(folder):
    (folder / "p1.ipynb").write_text(json.dumps(notebook()))
    assert pack(folder, notebooks=["p1.ipynb", "p2.ipynb"]).count == 3
    (folder / "p1.ipynb").write_text("{}")
    with pytest.raises(NotPacked, match=r"没有提交。p1\.ipynb 里没有单元格"):
        pack(folder, notebooks=["p1.ipynb", "p2.ipynb"])
    (folder / "p1.ipynb").rename(folder / "p1 (1).ipynb.json")
    (folder / "p1 (1).ipynb.json").write_text(json.dumps(notebook()))
    bundle = pack(folder, notebooks=["p1.ipynb", "p2.ipynb"])
    assert "p1.ipynb" in names(bundle)
    assert said(bundle) == ["笔记本改过名：“p1 (1).ipynb.json”按 p1.ipynb 提交了。"]
    (folder / "p1 (1).ipynb.json").rename(folder / "p1.ipynb")
    (folder / "p1.ipynb").unlink()
    with pytest.raises(NotPacked, match=r"没有 p1\.ipynb、p2\.ipynb"):
        pack(folder, notebooks=["p1.ipynb", "p2.ipynb"])


def test_an_unreadable_file_is_named(folder, monkeypatch):
    (folder / "notes.txt").write_text("x")
    real = os.open
    monkeypatch.setattr(
        os, "open", lambda path, *more: real(str(path) + "-gone" * ("notes" in str(path)), *more)
    )
    bundle = pack(folder, UNIT)
    assert names(bundle) == ["u1.ipynb"]
    assert "notes.txt" in said(bundle)[0]
    (folder / "answers.json").write_text("{}")
    monkeypatch.setattr(
        os, "open", lambda path, *more: real(str(path) + "-gone" * ("answers" in str(path)), *more)
    )
    with pytest.raises(NotPacked, match=r"文件 answers\.json 读不出来"):
        pack(folder, UNIT)


def test_the_digest_is_the_one_that_the_service_finds(folder, tmp_path_factory):
    (folder / "方案.md").write_text("方案", encoding="utf-8")
    (folder / "timestamp.txt").write_text("2026-09-02 09:00:00 UTC")
    ours: Bundle = pack(folder, UNIT)
    blobs = Blobs(tmp_path_factory.mktemp("blobs"))
    theirs = bundles.read_bundle(iter([ours.body]), UNIT, BundleLimits(), blobs)
    assert ours.digest == theirs.digest
    (folder / "timestamp.txt").write_text("2026-09-02 09:01:00 UTC")
    assert pack(folder, UNIT).digest == ours.digest
