"""Text from outside, before a browser reads it: in one line, visible, short, and with nothing in it that Markdown or HTML would act on."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.texts import HOSTILE
from ui.text import LONGEST, one_line, verbatim, verbatim_html

TEXTS = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join))
CODE = re.compile(r"(?<![\\`])(`+)(.+?)(?<!`)\1(?!`)")


def read(markdown):
    """What Markdown shows of text that is escaped or code."""
    parts, end = [], 0
    for found in CODE.finditer(markdown):
        inside = found[2][1:-1] if len(found[1]) > 1 else found[2]
        parts += [re.sub(r"\\(.)", r"\1", markdown[end : found.start()]), inside]
        end = found.end()
    return "".join([*parts, re.sub(r"\\(.)", r"\1", markdown[end:])])


@given(TEXTS)
def test_it_is_a_line_of_what_can_be_seen(text):
    line = one_line(text)
    assert line.isprintable() and line == line.strip() and "  " not in line
    assert one_line(line) == line or len(line) > LONGEST


@pytest.mark.parametrize("text", ["mine (2).npz", "moons, SGD 0.1, 97 %", "ünïcode 漢字", "784-128-10"])
def test_what_does_no_harm_stays_as_it_was(text):
    assert one_line(text) == verbatim(text) == verbatim_html(text) == text


def test_what_cannot_be_seen_is_shown_as_its_number():
    assert one_line("a\u202eb\u200bc\x00\ufeff") == r"a\u202eb\u200bc\u0000\ufeff"
    assert one_line(" a\n\n b\u2028\tc ") == "a b c"


def test_a_long_text_ends_with_dots():
    assert one_line("a" * LONGEST) == "a" * LONGEST
    assert one_line("a" * (LONGEST + 1)) == "a" * (LONGEST - 1) + "…"
    assert one_line("word " * 9, 12) == "word word w…" and one_line(12345) == "12345"


@given(TEXTS)
def test_outside_of_code_nothing_is_left_to_act_on(text):
    rest = CODE.sub("", verbatim(text))
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]#$<>|~&]", rest), "a mark without a backslash"
    assert not re.search(r"[:@][^\s“”\"']|www\.", rest, re.IGNORECASE), "an address, an icon, an emoji"
    assert not re.match(r"\d*[-+.)](\s|$)", rest), "a list"


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_shows_all_of_it(text):
    assert read(verbatim(text)) == one_line(text)


@given(TEXTS)
def test_html_has_no_element_and_all_of_it(text):
    found = []

    class Reader(HTMLParser):
        handle_data = staticmethod(found.append)
        handle_starttag = handle_endtag = handle_comment = handle_decl = handle_pi = unknown_decl = lambda *_: pytest.fail("not a text")

    reader = Reader(convert_charrefs=True)
    reader.feed(verbatim_html(text))
    reader.close()
    assert "".join(found) == one_line(text)
    assert not set("\"'<>") & set(verbatim_html(text))
