"""What the server adds to Streamlit, in a real Chromium: headers on every answer, frames, the visitor's cookie, the instructor's login."""

import contextlib
import http.client
import http.server
import re
import threading
import urllib.parse

import pytest

from tests.chromium import becomes
from tests.served import served

from .conftest import settle

SECRET = "the secret of this test"
COOKIE = "backprop_lab_visitor"


@pytest.fixture(scope="module")
def stranger():
    """The address of another site: a page of it shows what its address names in a frame; and the paths that it was asked for."""
    asked = []

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            framed = urllib.parse.unquote(self.path.partition("?")[2])
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(f'<!DOCTYPE html><iframe src="{framed}" width="900" height="700"></iframe>'.encode())

        def log_message(self, *_):
            pass

    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield f"http://localhost:{site.server_port}", asked
    site.shutdown()
    site.server_close()


@pytest.fixture(scope="module")
def lab(chromium, stranger, tmp_path_factory):
    """The app under a base path, with a secret of its own, that the other site may show in a frame."""
    with served(tmp_path_factory.mktemp("lab") / "log.txt", path="lab", BACKPROP_LAB_EMBED=stranger[0], BACKPROP_LAB_SECRET=SECRET) as url:
        yield url


@pytest.fixture
def visitor(browser):
    """Makes browsers that nobody has used yet."""
    with contextlib.ExitStack() as stack:

        def new():
            context = browser.new_context()
            stack.callback(context.close)
            context.set_default_timeout(40_000)
            return context.new_page()

        yield new


def tokens(page):
    return [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE]


def test_everything_that_a_visit_gets_has_the_headers(page, app_url):
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{app_url}/gradients?source=Data&layer=1")
    page.get_by_alt_text(re.compile("28 × 28 pixels each")).wait_for()
    page.goto(f"{app_url}/instructor")
    page.goto(app_url)
    page.wait_for_selector("canvas.upper-canvas")
    settle(page)
    own = [answer for answer in answers if answer.url.startswith(app_url)]
    paths = " ".join(urllib.parse.urlsplit(answer.url).path for answer in own)
    for kind in ("/gradients", "/static/js/", "/static/media/", "/media/", "/_stcore/health", "/_stcore/host-config", "/instructor"):
        assert kind in paths, f"none asked for {kind}"
    assert re.search("component", paths), "the canvas"
    bare = [a.url for a in own if a.headers.get("x-content-type-options") != "nosniff" or "frame-ancestors" not in a.headers.get(
        "content-security-policy", "")]  # fmt: skip
    assert not bare
    assert not [answer.url for answer in answers if not answer.url.startswith((app_url, "data:", "blob:"))]


def framed(page, site, url):
    """The frame in which the site shows this address."""
    page.goto(f"{site}/?{urllib.parse.quote(url)}", wait_until="commit")
    return page.frame_locator("iframe").get_by_role("combobox", name="Network")


def test_another_site_shows_the_lab_in_a_frame_only_where_a_setting_names_it(visitor, stranger, app_url, lab):
    page = visitor()
    framed(page, stranger[0], f"{lab}/train").wait_for()
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        refused = framed(page, stranger[0], f"{app_url}/train")
    page.wait_for_timeout(500)
    assert refused.count() == 0


def test_a_page_neither_loads_nor_asks_another_site(visitor, stranger, app_url):
    page, (site, asked) = visitor(), stranger
    page.goto(f"{app_url}/train")
    settle(page)
    before = len(asked)
    tried = page.evaluate(
        """async (site) => {
            const [image, script, frame, inline] = ["img", "script", "iframe", "script"].map((name) => document.createElement(name));
            const end = (e) => new Promise((tell) => ((e.onload = () => tell("loaded")), (e.onerror = () => tell("refused"))));
            const ended = [image, script].map(end);
            image.src = script.src = frame.src = site;
            document.body.append(image, script, frame);
            inline.textContent = "window.ran = true";
            document.body.append(inline);
            const asked = await fetch(site).then(() => "loaded", () => "refused");
            return [...(await Promise.all(ended)), asked, window.ran === true ? "ran" : "refused"];
        }""",
        site,
    )
    assert tried == ["refused"] * 4 and len(asked) == before


def test_a_browser_has_one_token_that_no_script_and_no_link_has(visitor, app_url):
    page = visitor()
    page.goto(f"{app_url}/train")
    settle(page)
    [token] = tokens(page)
    [cookie] = [cookie for cookie in page.context.cookies() if cookie["name"] == COOKIE]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
    assert COOKIE not in page.evaluate("() => document.cookie")
    assert token not in page.url and token not in page.content()
    page.reload(wait_until="commit")
    assert tokens(page) == [token]
    other = visitor()
    other.goto(app_url, wait_until="commit")
    assert len(tokens(other)) == 1 and tokens(other) != [token]


def enter(page, secret):
    page.get_by_label("The instructor's secret").fill(secret)
    page.get_by_role("button", name="Sign in").click()


def test_who_has_the_secret_logs_in_under_the_base_path_and_leaves(visitor, lab):
    page = visitor()
    page.goto(f"{lab}/instructor")
    enter(page, "not it")
    page.get_by_text("That is not the secret").wait_for()
    enter(page, SECRET)
    page.wait_for_url(f"{lab}/train")
    page.get_by_role("combobox", name="Network").wait_for()
    assert SECRET not in page.url and "instructor" not in page.evaluate("() => document.cookie")
    page.goto(f"{lab}/instructor")
    page.get_by_text("You are signed in as the instructor.").wait_for()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("The instructor's secret").wait_for()
    becomes(page.get_by_text("You are signed in as the instructor.").count, 0)
    stolen = visitor()
    stolen.goto(f"{lab}/instructor")
    assert stolen.get_by_text("You are signed in as the instructor.").count() == 0


@pytest.mark.parametrize(("scheme", "secure"), [("https", True), ("http", False)])
def test_behind_a_proxy_with_tls_the_cookie_goes_over_tls_alone(lab, scheme, secure):
    where = urllib.parse.urlsplit(lab)
    connection = http.client.HTTPConnection(where.hostname, where.port)
    connection.request("GET", "/lab/train", headers={"X-Forwarded-Proto": scheme, "X-Forwarded-For": "192.0.2.7"})
    answer = connection.getresponse()
    assert ("; Secure" in answer.getheader("Set-Cookie")) == secure and "; Path=/lab;" in answer.getheader("Set-Cookie")
    connection.close()
