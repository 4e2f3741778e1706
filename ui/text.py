"""Text from outside: of a file, a link, a visitor, an error that tells of them. It is shown as it is, and does nothing.

`verbatim` is the way into Markdown, `verbatim_html` into HTML, `one_line` to where neither is read: inputs, st.text, a component's
textContent.
"""

import html
import re

LONGEST = 300  # characters of it on a page
NAME = 60  # and of a name within a sentence
# Before what Markdown could read as more than itself, anywhere or, a list's mark, at the start.
MARKS = re.compile(r"(^\d*(?=[-+.)](?:\s|-|$))|(?=[\\`*_{}\[\]#$<>|~&]))")
# Links, icons, emoji and arrows are made of text that was parsed already, so that no backslash stops them; only code is left alone.
LIVELY = re.compile(
    r"""[^\s“”"']*(?:[:@][^\s“”"']|www\.)[^\s“”"']*"""  # http://…, www.…, a@b.example, :smile:
    r"|(?<!\S)(?:<->|->|<-|--|>=|<=|~=)(?!\S)",
    re.IGNORECASE,
)


def one_line(text, longest=LONGEST):
    """The text on one line, with what cannot be seen, such as a change of the writing's direction, as its number: \\u202e."""
    line = " ".join(str(text).split())
    line = line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)


def verbatim(text, longest=LONGEST):
    """The text for Markdown without HTML; an address in it looks like code."""
    line, parts, end = one_line(text, longest), [], 0
    for found in LIVELY.finditer(line):
        parts += [MARKS.sub(r"\1\\", line[end : found.start()]), _code(found[0])]
        end = found.end()
    return "".join([*parts, MARKS.sub(r"\1\\", line[end:])])


def verbatim_html(text, longest=LONGEST):
    """The text for HTML, also within an attribute's quotes."""
    return html.escape(one_line(text, longest))


def _code(word):
    """A word as code. Streamlit rewrites ":material/" even there: its m stands outside."""
    pieces = re.split(r"(?<=:)m(?=aterial/)", word)
    fence = "`" * (1 + max(map(len, re.findall("`+", word)), default=0))
    pad = " " if fence > "`" else ""
    return "m".join(f"{fence}{pad}{piece}{pad}{fence}" for piece in pieces)
