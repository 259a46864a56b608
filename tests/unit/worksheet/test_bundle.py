"""What goes into a bundle, what stays behind, and what is refused."""

import io
import os
import tarfile

import pytest
from worksheet.bundle import pack
from worksheet.state import WorksheetError


def names(bundle):
    with tarfile.open(fileobj=io.BytesIO(bundle.body)) as tar:
        return tar.getnames()


def test_the_teachers_files_go_and_the_releases_stay(sheet, folder):
    sheet.save("number", 1)
    (folder / "图").mkdir()
    (folder / "图/方案.md").write_text("方案", encoding="utf-8")
    (folder / ".yanxiu.json").write_text("{}")
    for hidden in (".ipynb_checkpoints", "__pycache__"):
        (folder / hidden).mkdir()
        (folder / hidden / "x").write_text("x")
    assert names(pack(folder, sheet.unit)) == ["answers.json", "u1.ipynb", "图/方案.md"]


def test_the_same_files_give_the_same_bytes(sheet, folder):
    first = pack(folder, sheet.unit)
    os.utime(folder / "u1.ipynb", (1, 1))
    assert pack(folder, sheet.unit) == first
    sheet.save("number", 2)
    assert pack(folder, sheet.unit).digest != first.digest


def test_links_and_special_files_are_left_out_and_named(sheet, folder):
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "etc").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    bundle = pack(folder, sheet.unit)
    assert names(bundle) == ["u1.ipynb"]
    assert bundle.left_out == ("etc", "passwd", "pipe")


def test_names_are_in_one_form(sheet, folder):
    (folder / "cafe\u0301.txt").write_text("x")
    assert "caf\u00e9.txt" in names(pack(folder, sheet.unit))
    (folder / "caf\u00e9.txt").write_text("y")
    with pytest.raises(WorksheetError, match="看起来一样"):
        pack(folder, sheet.unit)


@pytest.mark.parametrize(
    "limits, sentence",
    [
        ({"max_files": 1}, "有 2 个文件，最多 1 个"),
        ({"max_bytes": 100}, "比如 big.bin"),
    ],
)
def test_limits_are_said_with_numbers(sheet, folder, limits, sentence):
    (folder / "big.bin").write_bytes(b"x" * 1000)
    assert pack(folder, sheet.unit, max_files=2, max_bytes=1002).count == 2
    with pytest.raises(WorksheetError, match=sentence):
        pack(folder, sheet.unit, **limits)


def test_an_empty_folder_has_nothing_to_submit(sheet, folder):
    (folder / "u1.ipynb").unlink()
    with pytest.raises(WorksheetError, match="还没有可以提交的内容"):
        pack(folder, sheet.unit)
