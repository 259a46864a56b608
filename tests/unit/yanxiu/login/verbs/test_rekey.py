"""Every ID number is read with the old key and written with the new one, or none is."""

import base64

import pytest
from cryptography.fernet import InvalidToken
from sqlalchemy import select
from yanxiu.errors import SettingsError
from yanxiu.login.verbs.rekey import rekey
from yanxiu.names import new_id
from yanxiu.people.idnumber import IdKey
from yanxiu.people.model import Person, RosterUpload

from tests.support.writing import writing

OLD, NEW, OTHER = (IdKey(bytes([number]) * 32) for number in (1, 2, 3))
NUMBERS = {"alice": "11010519491231002X", "charlie": "440524188001010014"}


@pytest.fixture
def kept(county):
    with writing(county.store) as session:
        for who, number in NUMBERS.items():
            person = session.get(Person, county.people[who])
            person.id_cipher, person.id_hmac = OLD.encrypt(number), OLD.hmac(number)
    return county


def of(county) -> dict[str, tuple[bytes, str]]:
    with county.store.read() as session:
        rows = session.execute(select(Person.id, Person.id_cipher, Person.id_hmac)).all()
    return {person_id: (cipher, hmac) for person_id, cipher, hmac in rows if cipher}


def test_all_are_read_by_the_new_key_and_by_no_other(kept):
    assert rekey(kept.store, OLD, NEW, "system:cli") == 2
    found = of(kept)
    for who, number in NUMBERS.items():
        cipher, hmac = found[kept.people[who]]
        assert NEW.decrypt(cipher) == number and hmac == NEW.hmac(number)
        with pytest.raises(InvalidToken):
            OLD.decrypt(cipher)


def test_done_again_it_changes_nothing(kept):
    rekey(kept.store, OLD, NEW, "system:cli")
    before = of(kept)
    assert rekey(kept.store, OLD, NEW, "system:cli") == 0
    assert of(kept) == before


def test_one_that_neither_key_reads_stops_it(kept):
    before = of(kept)
    with pytest.raises(SettingsError, match="一个也没有改"):
        rekey(kept.store, OTHER, NEW, "system:cli")
    assert of(kept) == before


def test_a_roster_between_preview_and_import_is_taken_along(kept):
    content = base64.b64encode("姓名\n".encode()).decode()
    blob = kept.store.blobs.put([OLD.encrypt(content)])
    with writing(kept.store) as session:
        for digest in (blob, "0" * 64):  # one of them was imported, and its file is gone
            session.add(
                RosterUpload(
                    id=new_id(),
                    person_id=kept.people["alice"],
                    file_name="x.csv",
                    blob=digest,
                    whole=False,
                    created_at=kept.store.clock(),
                    expires_at=kept.store.clock(),
                )
            )
    rekey(kept.store, OLD, NEW, "system:cli")
    with kept.store.read() as session:
        (moved,) = set(session.scalars(select(RosterUpload.blob))) - {"0" * 64}
    assert NEW.decrypt(kept.store.blobs.read(moved)) == content
