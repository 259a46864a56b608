"""Accounts for trying the platform out: random passwords, written down once.

Only with ``--demo``, which refuses to listen beyond this machine. A data folder is a
demonstration from its first start on, or never: real people's passwords are not touched,
and known passwords never go public.
"""

import csv
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from yanxiu.errors import SettingsError
from yanxiu.login.passwords import hash_password
from yanxiu.people.reads import people
from yanxiu.store import facts
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

FILE = "demo-accounts.csv"
FACT = "demo"
#: The role that a row shows when a person has several: the one to try first.
_SHOWN = ("county_organizer", "school_organizer", "group_lead", "teacher")
_ALPHABET = "23456789abcdefghjkmnpqrstwxyz"


def check(store: Store, *, demo: bool) -> None:
    """Raise when ``--demo`` does not fit what the data folder is.

    :raises SettingsError: real people there and ``--demo`` given, or the other way round
    """
    with store.read() as session:
        is_demo = facts.get(session, FACT) is not None
        has_people = bool(people.accounts(session))
    if demo and has_people and not is_demo:
        raise SettingsError(
            "这个数据文件夹里是正式的账号，不能用 --demo 启动（那会改掉所有人的密码）。"
            "请去掉 --demo，或换一个数据文件夹。"
        )
    if is_demo and not demo:
        raise SettingsError(
            "这个数据文件夹是演示用的，账号密码写在文件里，不能正式使用。"
            "请加上 --demo，或换一个数据文件夹。"
        )


def make_accounts(store: Store, data: Path) -> bool:
    """Give everybody a random password and write ``demo-accounts.csv`` (0600), once."""
    path = data / FILE
    with store.read() as session:
        if facts.get(session, FACT) is not None and path.exists():
            return False
        everybody = people.accounts(session)
        roles = {who.id: {role for role, _ in people.grants(session, who.id)} for who in everybody}
    words = {who.id: _password() for who in everybody}
    with ThreadPoolExecutor(4) as pool:
        hashes = dict(zip(words, pool.map(hash_password, words.values()), strict=True))
    audit = Event("system:demo", "demo.accounts", "site")

    def work(session: Session, now: datetime) -> None:
        for person_id, hashed in hashes.items():
            people.set_password_hash(session, person_id, hashed, now)
        facts.put(session, FACT, {"accounts": len(everybody)})

    store.transact(work, audit)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["username", "password", "name", "role", "school"])
        for who in everybody:
            shown = next((role for role in _SHOWN if role in roles[who.id]), "teacher")
            login = who.teacher_no or who.mobile
            writer.writerow([login, words[who.id], who.name, shown, who.school.name])
    return True


def _password() -> str:
    """Return 12 characters that are easy to copy (58 bits)."""
    raw = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    return "-".join(raw[i : i + 4] for i in range(0, 12, 4))
