"""The form keeps what is typed by itself: the same draft as the button's, and as safe."""

import re

from yanxiu.work.reads import attempts


def draft(site, who="alice"):
    with site.store.read() as session:
        found = attempts.draft(session, site.assignment, site.people[who])
        return found.answers if found else None


def test_what_is_typed_is_kept_and_the_time_is_told(site, browse):
    alice = browse("alice")
    path = f"units/{site.assignment}"
    answer = alice.submit(path, {"do": "autosave", "a.present": "42", "a.report": "写了一半"})
    assert answer.status_code == 200
    assert re.fullmatch(r"\d\d:\d\d", answer.json()["saved_at"])
    assert answer.json()["wrong"] == 0
    assert draft(site)["report"] == "写了一半"


def test_what_cannot_be_kept_is_counted_and_the_rest_is_kept(site, browse):
    answer = browse("alice").submit(
        f"units/{site.assignment}", {"do": "autosave", "a.present": "四十", "a.report": "文字"}
    )
    assert answer.json()["wrong"] == 1
    assert draft(site)["report"] == "文字"


def test_another_page_cannot_write_into_the_draft(site, browse):
    alice = browse("alice")
    sent = {"_csrf": "made.up", "do": "autosave", "a.report": "不是我写的"}
    answer = alice.post(f"/services/records/units/{site.assignment}", data=sent)
    assert answer.status_code != 200 or "saved_at" not in answer.text
    assert draft(site) is None


def test_a_page_lets_its_own_script_run_and_no_other(site, browse):
    alice = browse("alice")
    page = alice.page(f"units/{site.assignment}")
    (nonce,) = re.findall(
        r'<script nonce="([^"]+)" src="[^"]+/unit\.js" defer></script>', page.text
    )
    policy = page.headers["content-security-policy"]
    assert f"script-src 'nonce-{nonce}'" in policy and "unsafe" not in policy
    assert nonce not in alice.page(f"units/{site.assignment}").text
    assert "script-src" not in alice.page("").headers["content-security-policy"]
