"""Text of a link, a file or a name, in a real Chromium: it stands there as it is, loads nothing from elsewhere, and nothing of it runs."""

import io
import random
import re
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image, ImageDraw

import mlcore
from tests.browser.conftest import Board, settle
from tests.chromium import becomes
from tests.served import served
from tests.texts import HOSTILE
from ui.text import NAME, one_line

NOTE = '[Sign in](http://evil.example) ![x](http://evil.example/x.png) <img src=x onerror="window.ran=1"> www.evil.example :red[a] $x$'
FILE = "![x](www.evil.example) <img src=x onerror=window.ran=1>"  # without slashes, which a browser's file names lack
SCRIPT = '''
import streamlit as st
from ui.text import one_line, verbatim, verbatim_html

ways = {
    "markdown": lambda text: st.markdown(f"**{verbatim(text)}** is what it says."),
    "caption": lambda text: st.caption(verbatim(text)),
    "error": lambda text: st.error(f"“{verbatim(text)}” is none: {verbatim(text)}."),
    "button": lambda text: st.button(verbatim(text)),
    "html": lambda text: st.html(f'<p title="{verbatim_html(text)}">{verbatim_html(text)}</p>'),
    "text": lambda text: st.text(one_line(text)),
    "options": lambda text: st.selectbox("of", [one_line(text)], label_visibility="collapsed"),
}
for i, text in enumerate(TEXTS):
    for name, show in ways.items():
        with st.container(key=f"{name}{i}"):
            show(text)
'''
SAYS = {"markdown": "{} is what it says.", "error": "“{0}” is none: {0}."}
# What the texts made, in the page, its shadow roots and its frames: elements, and what points elsewhere.
MADE = """(root) => {
    const found = [];
    const walk = (node) => {
        for (const e of node.querySelectorAll("*")) {
            for (const name of ["href", "src", "srcset", "action", "poster", "data"]) {
                const url = e.getAttribute(name);
                if (url && !url.startsWith("data:") && !url.startsWith("blob:") && new URL(url, location).origin !== location.origin)
                    found.push(e.outerHTML.slice(0, 200));
            }
            if (e.shadowRoot) walk(e.shadowRoot);
            if (e.tagName === "IFRAME" && e.contentDocument) walk(e.contentDocument);
        }
    };
    walk(root ?? document);
    return window.ran === undefined ? found : ["it ran"];
}"""
ELEMENTS = "a, img, h1, h2, h3, li, hr, pre, table, blockquote, em, del, script, iframe, style, .katex, [role=img], [style*=color]"


@pytest.fixture
def watched(page):
    """A page and what it asked for; by the end of the test it asked no other host, nothing ran and no dialog stood there."""
    asked, dialogs = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    yield page
    hosts = {re.match(r"[a-z]+:(//[^/]*)?", url)[0] for url in asked} - {"data:", "blob:"}
    assert len(hosts) == 1 and "127.0.0.1" in hosts.pop() and not dialogs


def nothing_made(page):
    assert page.evaluate(MADE) == []


def test_all_of_a_text_is_there_and_makes_nothing(browser, tmp_path):
    """Each hostile text, and mixtures of them, in every way that text is shown."""
    rng = random.Random(0)
    mixed = ["".join(rng.choices(HOSTILE, k=2)) for _ in range(12)] + [" ".join(rng.choices(HOSTILE, k=2)) for _ in range(12)]
    texts = [*HOSTILE, *mixed]
    script = tmp_path / "shown.py"
    script.write_text(f"TEXTS = {texts!r}\n{SCRIPT}", "utf-8")
    with served(tmp_path / "log.txt", script) as url:
        page, asked = browser.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        settle(page)
        page.locator(f".st-key-options{len(texts) - 1}").wait_for()
        read = lambda: page.evaluate(  # noqa: E731
            "(elements) => Object.fromEntries([...document.querySelectorAll('[class*=st-key-]')].map((e) =>"
            " [e.className.match(/st-key-(\\w+)/)[1],"
            " [e.innerText.trim() || e.querySelector('input')?.value, [...e.querySelectorAll(elements)].map((x) => x.outerHTML)]]))",
            ELEMENTS,
        )
        ways = ("markdown", "caption", "error", "button", "html", "text", "options")
        becomes(read, {f"{way}{i}": [SAYS.get(way, "{}").format(one_line(text)), []] for i, text in enumerate(texts) for way in ways})
        nothing_made(page)
        page.close()
    assert not [one for one in asked if not one.startswith((url, "data:", "blob:"))]


def said(page, text):
    """This text is to be read somewhere on the page."""
    becomes(lambda: text in page.locator('[data-testid="stMain"]').inner_text().replace("\n", " "), True)
    nothing_made(page)


@pytest.mark.parametrize(
    "address",
    ["train?layers={}", "train?run={}", "train?net={}", "backpropagation?more={}", "softmax?numbers={}"],
)
def test_what_stands_in_an_address_is_text(watched, app_url, address):
    watched.goto(f"{app_url}/{address.format(quote(NOTE))}")
    settle(watched)
    if re.search("layers|more", address):
        said(watched, one_line(", ".join(NOTE.split()) if "more" in address else NOTE, NAME))
    watched.get_by_text(re.compile("no longer|do not make|write ")).first.wait_for()
    nothing_made(watched)


def test_what_a_network_file_says_of_itself_is_text_on_every_page(watched, app_url):
    page, file = watched, io.BytesIO()
    net = mlcore.Network((784, 10))
    net.info = {key: f"{key} {NOTE}" for key in ("name", "data", "what", "trained", "recipe")}
    mlcore.save(net, file)
    page.goto(f"{app_url}/train")
    settle(page)
    buffer = file.getvalue()
    page.locator('input[type="file"]').set_input_files({"name": FILE + ".npz", "mimeType": "application/octet-stream", "buffer": buffer})
    said(page, f"{one_line(net.info['name'], NAME)} is loaded; choose it above.")
    page.get_by_role("button", name="Use", exact=True).click()
    for name in ("Train", "Gradients", "Softmax", "Chain rule", "Draw"):
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name, level=1).wait_for(state="attached")
        settle(page)
        said(page, f"trained on {one_line(net.info['data'], 80)}")
        chosen = page.get_by_role("combobox", name="Network")
        becomes(lambda at=chosen: one_line(net.info["name"], NAME) in at.input_value(), True)
    page.get_by_role("link", name="Train").click()
    settle(page)
    page.locator('input[type="file"]').set_input_files({"name": FILE + ".npz", "mimeType": "application/octet-stream", "buffer": b"PK"})
    said(page, f"{one_line(FILE + '.npz', NAME)}: ")


def test_the_name_of_a_photo_is_text_where_it_fails_and_where_it_is_read(watched, app_url):
    page = watched
    page.goto(app_url)
    board = Board(page)
    page.get_by_role("button", name="A photo").click()
    upload = page.locator('input[type="file"]')
    upload.set_input_files({"name": f"{FILE}.png", "mimeType": "image/png", "buffer": b"no picture at all"})
    said(page, f"{one_line(FILE + '.png', NAME)}")
    image, file = Image.fromarray(np.full((300, 400), 200, np.uint8)), io.BytesIO()
    ImageDraw.Draw(image).line([(200, 60), (200, 240)], fill=30, width=24)
    image.save(file, "PNG")
    upload.set_input_files({"name": f"{FILE}.png", "mimeType": "image/png", "buffer": file.getvalue()})
    board.wait_for_note(re.escape(FILE))
    nothing_made(page)
    for name in ("Train", "Gradients"):  # the others have it as these do
        page.get_by_role("link", name=name).click()
        page.get_by_role("heading", name=name, level=1).wait_for(state="attached")
        settle(page)
        said(page, f"the picture {one_line(FILE + '.png', NAME)}")
