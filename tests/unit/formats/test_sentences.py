"""Every sentence in two languages, and the examples of the modules."""

import doctest
import importlib
import string

import pytest
from yanxiu_formats.sentences import SENTENCES, Said, english, say
from yanxiu_formats.texts import both


def test_every_sentence_has_two_languages_with_the_same_blanks():
    for name, texts in SENTENCES.items():
        blanks = [{field for _, field, _, _ in string.Formatter().parse(t) if field} for t in texts]
        assert all(texts), name
        assert blanks[0] == blanks[1], name


def test_the_portal_finds_the_english_of_a_chinese_sentence():
    assert english()["还没有填写。"] == "Not filled in yet."
    assert len(english()) == len({zh for zh, _ in SENTENCES.values()})


def test_texts_and_sentences_inside_of_a_sentence_are_in_its_language():
    said = say("not_a_number_at", "en", place=both("第1题", "Item 1"), text="x")
    assert said == "“x” in “Item 1” is not a number. Give digits only, such as 12 or 0.6."
    said = say("wrong_shape", "en", task="t", wanted=Said("want_text"))
    assert said.endswith("It should be a text.")


@pytest.mark.parametrize("name", ["bundle", "names", "numbers", "sentences"])
def test_examples_of(name):
    found = doctest.testmod(importlib.import_module(f"yanxiu_formats.{name}"))
    assert found.attempted > 0
    assert found.failed == 0
