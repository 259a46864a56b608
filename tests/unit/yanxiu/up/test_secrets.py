"""Secrets are made once, hidden from everybody else, and never replaced silently."""

import dataclasses
import stat

import pytest
from yanxiu.errors import SettingsError
from yanxiu.settings.secrets import VARIABLES, Secrets, from_environment, load_or_create


def test_they_are_the_same_at_the_next_start(tmp_path):
    assert load_or_create(tmp_path) == load_or_create(tmp_path)


def test_each_is_its_own_256_bits(tmp_path):
    values = dataclasses.asdict(load_or_create(tmp_path)).values()
    assert len(set(values)) == len(VARIABLES)
    assert {len(bytes.fromhex(value)) for value in values} == {32}


def test_nobody_else_can_read_them(tmp_path):
    load_or_create(tmp_path)
    folder = tmp_path / "secrets"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_their_text_form_hides_them(tmp_path):
    secrets = load_or_create(tmp_path)
    text = f"{secrets!r} {secrets}"
    assert "worker=…" in text
    assert not [value for value in dataclasses.asdict(secrets).values() if value in text]


def test_every_secret_has_a_variable():
    assert set(VARIABLES) == {field.name for field in dataclasses.fields(Secrets)}


@pytest.mark.parametrize("damage", ["", "short", "g" * 64, "0" * 63])
def test_a_damaged_secret_is_reported_and_kept(tmp_path, damage):
    load_or_create(tmp_path)
    file = tmp_path / "secrets" / "id_numbers"
    file.write_text(damage)
    with pytest.raises(SettingsError, match=r"id_numbers 已损坏.*备份恢复"):
        load_or_create(tmp_path)
    assert file.read_text() == damage


def test_a_secret_that_others_can_read_is_refused(tmp_path):
    load_or_create(tmp_path)
    (tmp_path / "secrets" / "worker").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_or_create(tmp_path)


def test_a_process_gets_what_it_was_given():
    assert from_environment({"YANXIU_WORKER_TOKEN": "t"}, "worker") == {"worker": "t"}


def test_a_missing_variable_is_named():
    with pytest.raises(SettingsError, match="YANXIU_SESSION_KEY"):
        from_environment({"YANXIU_WORKER_TOKEN": "t"}, "worker", "portal_session")
