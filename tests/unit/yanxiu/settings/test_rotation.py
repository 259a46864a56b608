"""A secret is replaced so that a crash leaves one of the two, and some overlap for a while."""

import stat

import pytest
from yanxiu.errors import SettingsError
from yanxiu.settings import rotation
from yanxiu.settings.secrets import VARIABLES, load_or_create


@pytest.mark.parametrize("name", sorted(set(VARIABLES) - {"id_numbers"}))
def test_only_one_changes_and_the_one_before_is_understood_where_somebody_holds_it(tmp_path, name):
    before = load_or_create(tmp_path)
    folder = tmp_path / "secrets"
    rotation.replace(folder, name, at_once=False)
    after = load_or_create(tmp_path)
    changed = [one for one in VARIABLES if getattr(after, one) != getattr(before, one)]
    assert changed == [name]
    old, new = getattr(before, name), rotation.accepted(getattr(after, name))
    assert new[0] != old
    assert new[1:] == ([old] if name in rotation.OVERLAPPING else [])
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_at_once_and_retired_leave_one(tmp_path):
    load_or_create(tmp_path)
    folder = tmp_path / "secrets"
    rotation.replace(folder, "metrics", at_once=False)
    assert rotation.retire(folder, "metrics") and not rotation.retire(folder, "metrics")
    rotation.replace(folder, "metrics", at_once=False)
    rotation.replace(folder, "metrics", at_once=True)
    assert len(rotation.accepted(load_or_create(tmp_path).metrics)) == 1


def test_a_second_rotation_forgets_the_one_before_last(tmp_path):
    first = load_or_create(tmp_path).portal_session
    folder = tmp_path / "secrets"
    for _ in range(2):
        rotation.replace(folder, "portal_session", at_once=False)
    found = rotation.accepted(load_or_create(tmp_path).portal_session)
    assert len(found) == 2 and first not in found


def test_between_two_keys_nothing_starts(tmp_path):
    before = load_or_create(tmp_path).id_numbers
    folder = tmp_path / "secrets"
    coming = rotation.begin(folder, "id_numbers")
    assert rotation.begin(folder, "id_numbers") == coming != before
    with pytest.raises(SettingsError, match="yanxiu secrets rotate id_numbers"):
        load_or_create(tmp_path)
    rotation.finish(folder, "id_numbers")
    assert load_or_create(tmp_path).id_numbers == coming
