"""An archive is true of one instant, goes back byte for byte, and is refused when it is not whole."""

import gzip
import json
import os
import stat
from datetime import timedelta
from typing import Any

import pytest
import yanxiu.portal.app  # noqa: F401 - brings the tables of every room
from sqlalchemy import MetaData, Table, select, text
from yanxiu.backup import rows
from yanxiu.backup.archive import MANIFEST, Folder, find, read_lines
from yanxiu.backup.make import make
from yanxiu.backup.progress import Progress
from yanxiu.backup.verify import verify
from yanxiu.errors import SettingsError
from yanxiu.people.reads import people
from yanxiu.store import collect, facts, schema
from yanxiu.store.base import Base, BlobDigest
from yanxiu.store.engine import Store
from yanxiu.store.hold import LASTS, Hold, held
from yanxiu.work.verbs import draft_files

from tests.support.work import handed_in
from tests.support.writing import writing

from .conftest import QUIET

#: Where the database makes no difference.
one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
one_target = pytest.mark.parametrize("target", ["sqlite"], indirect=True)


def everything(store: Store) -> dict[str, list[Any]]:
    """Return all rows of all tables, as the models read them."""
    with store.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
        }


def without_what_was_made_since(found: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Leave out what a backup and a restore write of themselves."""
    return {
        name: [row for row in lines if "backup." not in row and "blobs.hold." not in row]
        for name, lines in found.items()
    }


def bytes_of(store: Store) -> dict[str, bytes]:
    """Return every blob, by its place."""
    root = store.blobs.root
    files = [*root.glob("??/*"), *root.glob("drafts/*/*/*")]
    return {str(file.relative_to(root)): file.read_bytes() for file in files}


def raw(store: Store) -> list[Any]:
    """Return the texts of all JSON columns as they lie in the database."""
    with store.engine.connect() as connection:
        found = connection.execute(
            text("SELECT CAST(details AS TEXT) FROM audit_events ORDER BY id")
        )
        return [one for (one,) in found if "backup" not in one]


def test_every_row_and_every_blob_comes_back(busy, save, put_back, target):
    before, blobs = everything(busy.store), bytes_of(busy.store)
    assert all(before[name] for name in ("attempts", "gradings", "decisions") if before[name])
    assert sum(map(len, before.values())) > 60 and len(blobs) >= 5
    made = save()
    restored = put_back(target)
    assert without_what_was_made_since(everything(target)) == without_what_was_made_since(before)
    assert bytes_of(target) == blobs
    assert made.manifest.missing == [] and made.manifest.gone == 0
    assert restored.homes_missing == [busy.people["alice"]]
    schema.check_current(target.engine)


def test_what_json_says_is_the_same_text(busy, save, put_back, target):
    before = raw(busy.store)[:-1]
    save()
    put_back(target)
    if busy.store.engine.dialect.name == target.engine.dialect.name:
        assert raw(target)[: len(before)] == before


def test_a_restored_database_still_refuses_what_it_refused(busy, save, put_back, target):
    save()
    put_back(target)
    for statement in (
        "DELETE FROM decisions",
        "UPDATE markings SET version = 9",
        "DELETE FROM gradings",
    ):
        with pytest.raises(Exception, match="append-only"), target.engine.begin() as connection:
            connection.execute(text("INSERT INTO site_facts VALUES ('x', '{}')"))
            connection.execute(text(statement))
            raise AssertionError("append-only: nothing was there to refuse")


def test_the_database_describes_its_columns_as_the_models_do(store):
    """Both see the same kind, on both databases: else an archive would need the models."""
    with store.engine.connect() as connection:
        found = {
            table.name: dict(map(tuple, rows.kinds_of(table)))
            for table in rows.described(connection)
        }
    for table in Base.metadata.sorted_tables:
        plain = Table(table.name, MetaData(), *(column._copy() for column in table.columns))
        for column in plain.columns:
            expected = "blob" if isinstance(column.type, BlobDigest) else None
            if expected is None:
                real = getattr(column.type, "impl", None)
                column.type = (
                    real if real is not None and not isinstance(real, type) else column.type
                )
                expected = rows.kind_of(column)
            assert found[table.name][column.name] == expected, f"{table.name}.{column.name}"
    assert found.keys() == Base.metadata.tables.keys()


def test_rows_written_while_it_runs_are_in_or_out_as_a_whole(busy, save, put_back, target):
    """After the first table is out, somebody hands in: nothing of it may be in the archive."""
    before = everything(busy.store)
    late: list[object] = []

    def meanwhile() -> None:
        if not late:
            late.append(handed_in(busy, "bob", present=99))

    pulse = Progress(lambda _line: meanwhile())
    pulse._said = -1e9  # it says every step
    save(pulse)
    assert late
    put_back(target)
    assert without_what_was_made_since(everything(target)) == without_what_was_made_since(before)


@one_database
def test_only_new_blobs_are_copied_again(busy, save, folder):
    first = save()
    second = save()
    assert first.new_blobs > 0 and second.new_blobs == 0
    assert second.manifest.blobs.sha256 == first.manifest.blobs.sha256
    handed_in(busy, "charlie", present=7)
    assert save().new_blobs == 1
    assert len(folder.names()) == 3


@one_database
def test_nobody_else_can_read_any_of_it(save, folder):
    before = os.umask(0o077)  # as the command does
    try:
        save()
    finally:
        os.umask(before)
    found = [folder.root, *folder.root.rglob("*")]
    assert len(found) > 20
    assert {stat.S_IMODE(one.stat().st_mode) & 0o077 for one in found} == {0}


@one_database
def test_old_archives_go_with_the_blobs_that_only_they_need(busy, save, folder):
    digest = busy.store.blobs.put([b"of a roster"])
    fact = {"n": 1}
    save()
    handed_in(busy, "charlie", present=3)
    with writing(busy.store) as session:
        facts.put(session, "x", fact)
    newest = save()
    stray = folder.blobs.put([b"of an archive that is gone"])
    assert folder.prune(1) == (1, 1)
    assert folder.names() == [newest.name]
    assert not folder.blobs.has(stray) and not folder.blobs.has(digest)
    verify(folder, folder.root / newest.name, QUIET)


def test_housekeeping_removes_nothing_while_a_backup_runs(busy, homes, folder):
    digest = busy.store.blobs.put([b"nobody needs it"])
    busy.store.clock.advance(days=40_000)

    def sweep() -> dict[str, int]:
        now = busy.store.clock()
        return collect.collect(busy.store, "system:test", now, lambda *_: None)

    seen: list[dict[str, int]] = []
    progress = Progress(lambda _line: seen.append(sweep()))
    make(busy.store, homes, folder, progress)
    assert seen and all(one["blobs"] == 0 for one in seen)
    assert busy.store.blobs.has(digest)
    sweep()
    assert not busy.store.blobs.has(digest)


def test_the_hold_of_a_backup_that_died_ends_by_itself(store, clock):
    dead = Hold(store)
    dead.__enter__()
    with store.read() as session:
        assert held(session, clock()) and not held(session, clock() + LASTS)
    clock.advance(hours=1)
    with Hold(store), store.read() as session:
        assert held(session, clock())
    with store.read() as session:
        assert not held(session, clock())
        assert (
            session.execute(text("SELECT 1 FROM site_facts WHERE key LIKE 'blobs.hold%'")).all()
            == []
        )


@one_database
def test_a_hold_is_moved_on_as_long_as_it_is_needed(store, clock):
    passed = iter([0.0, 10.0, 61.0, 61.0, 62.0])
    with Hold(store, lambda: next(passed)) as hold:
        clock.advance(minutes=14)
        hold.step()  # too soon
        with store.read() as session:
            assert not held(session, clock() + timedelta(minutes=2))
        hold.step()
        with store.read() as session:
            assert held(session, clock() + timedelta(minutes=2))


@one_database
@one_target
def test_a_lost_blob_is_said_and_the_rest_is_there(busy, save, put_back, target):
    with busy.store.read() as session:
        digest = next(iter(collect.referenced(session, "")))
    busy.store.blobs.remove(digest)
    made = save()
    assert made.manifest.missing == [digest]
    put_back(target)
    assert len(bytes_of(target)) == len(bytes_of(busy.store))


@one_database
def test_a_blob_that_is_not_what_its_name_says_stops_it(busy, save, folder):
    with busy.store.read() as session:
        digest = next(iter(collect.referenced(session, "")))
    busy.store.blobs.path(digest).write_bytes(b"bad disk")
    with pytest.raises(SettingsError, match=digest):
        save()
    assert folder.names() == []


@one_database
def test_a_draft_that_is_saved_again_meanwhile_costs_nothing(busy, save, folder):
    part = draft_files.folder(busy.store, busy.people["bob"], busy.assignment)
    (digest,) = part.digests()
    gone: list[str] = []

    def drop(line: str) -> None:
        if line.startswith("  文件"):
            part.remove(digest)
            gone.append(digest)

    made = save(Progress(drop))
    assert gone and made.manifest.drafts.count == 0 and made.manifest.missing == []


# What is no archive, and what is not to be put back


def spoil_table(archive):
    file = archive / "tables" / "people.gz"
    lines = list(read_lines(file))
    file.write_bytes(gzip.compress(b"\n".join(lines[1:]) + b"\n"))


def spoil_manifest(archive):
    file = archive / MANIFEST
    file.write_text(file.read_text("utf-8").replace('"rows": 2', '"rows": 3'), "utf-8")


def cut_manifest(archive):
    file = archive / MANIFEST
    file.write_bytes(file.read_bytes()[:-40])


def newer_format(archive):
    file = archive / MANIFEST
    said = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**said, "format": 99, "yanxiu": "9.0"}), "utf-8")


def lose_a_list(archive):
    (archive / "blobs.gz").unlink()


def lose_a_blob(archive):
    next(iter(archive.parent.glob("blobs/??/*"))).unlink()


def spoil_a_blob(archive):
    next(iter(archive.parent.glob("blobs/??/*"))).write_bytes(b"bad disk")


@one_database
@one_target
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (spoil_table, "备份已损坏.*people.gz"),
        (spoil_manifest, "备份已损坏.*manifest.json"),
        (cut_manifest, "备份已损坏.*manifest.json"),
        (newer_format, r"更新版本的 yanxiu（9.0）"),
        (lose_a_list, "备份已损坏.*blobs.gz"),
        (lose_a_blob, "内容和它的名字不符，或已经不在"),
        (spoil_a_blob, "内容和它的名字不符"),
    ],
)
def test_what_is_not_whole_is_refused_and_nothing_is_written(
    busy, save, put_back, target, folder, fault, said
):
    made = save()
    fault(folder.root / made.name)
    with pytest.raises(SettingsError, match=said):
        verify(folder, folder.root / made.name, QUIET)
    with pytest.raises(SettingsError, match=said):
        put_back(target, made.name)
    with target.engine.connect() as connection:
        assert rows.described(connection) == []


@one_database
@one_target
def test_an_archive_of_a_newer_schema_is_refused(save, put_back, target, folder, monkeypatch):
    made = save()
    monkeypatch.setattr(schema, "known_revisions", lambda: ["0000"])
    with pytest.raises(SettingsError, match="更新版本"):
        put_back(target, made.name)


@one_database
def test_half_an_archive_is_none(busy, save, folder, monkeypatch):
    with pytest.raises(KeyboardInterrupt):
        save(Progress(interrupt))
    assert folder.names() == []
    with pytest.raises(SettingsError, match="没有备份"):
        find(folder.root)
    # A power cut leaves the folder itself.
    half = folder.root / "20260101T000000Z.part"
    half.mkdir()
    with pytest.raises(SettingsError, match="没有做完"):
        find(half)
    save()
    assert not half.exists()


def interrupt(line: str) -> None:
    if line.startswith("  文件"):
        raise KeyboardInterrupt


def test_a_site_with_somebody_in_it_is_not_written_over(busy, save, put_back, store):
    save()
    before = everything(busy.store)
    with pytest.raises(SettingsError, match="已经有内容"):
        put_back(busy.store)
    assert without_what_was_made_since(everything(busy.store)) == without_what_was_made_since(
        before
    )


@one_database
def test_tables_that_were_just_made_are_empty_enough(busy, save, put_back, target):
    save()
    schema.upgrade(target.engine)
    put_back(target)
    with target.read() as session:
        assert people.person(session, busy.people["alice"]) is not None


@one_database
def test_a_restore_that_was_interrupted_is_run_again(busy, save, put_back, target, monkeypatch):
    save()
    with monkeypatch.context() as patch:
        patch.setattr(rows, "load", lambda *_: (_ for _ in ()).throw(OSError(28, "disk full")))
        with pytest.raises(OSError, match="disk full"):
            put_back(target)
    with target.engine.connect() as connection:
        assert rows.described(connection) == []
    put_back(target)
    assert len(everything(target)["people"]) == len(everything(busy.store)["people"])


@one_database
@one_target
def test_the_key_is_asked_before_anything_is_written(busy, save, put_back, target):
    save(id_key="abc")

    def refuse(key: str) -> None:
        raise SettingsError(f"not {key}")

    with pytest.raises(SettingsError, match="not abc"):
        put_back(target, check=refuse)
    assert bytes_of(target) == {}


@one_database
@one_target
def test_a_list_only_archive_asks_for_the_blobs_where_it_is_restored(busy, save, put_back, target):
    made = save(copy=False)
    assert not made.manifest.copied and made.manifest.blobs.count > 0
    with pytest.raises(SettingsError, match=f"缺少 {made.manifest.blobs.count} 个"):
        put_back(target)
    for place, content in bytes_of(busy.store).items():
        if not place.startswith("drafts"):
            target.blobs.put([content])
    put_back(target)
    assert without_what_was_made_since(everything(target))["attempts"]


def test_two_backups_into_one_folder_take_their_turn(folder):
    again = Folder(folder.root)
    with (
        folder.locked(),
        pytest.raises(SettingsError, match="另一个 yanxiu backup"),
        again.locked(),
    ):
        pass


@one_database
@one_target
def test_both_are_deeds(busy, save, put_back, target):
    made = save()
    put_back(target)
    for store, verb in ((busy.store, "backup.make"), (target, "backup.restore")):
        with store.engine.connect() as connection:
            found = connection.execute(
                text("SELECT object_id FROM audit_events WHERE verb = :verb"), {"verb": verb}
            )
            assert found.scalars().all() == [made.name]
