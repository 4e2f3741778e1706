"""What the server adds to every answer, and the instructor's login, asked as a server asks an application."""

import os
import re
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from mlcore import fetching
from tests.served import completed
from ui import visitor, web
from ui.visits.store import Visit

ROUTES = [
    Route("/", lambda request: Response(status_code=304) if "if-none-match" in request.headers else HTMLResponse("a page")),
    Route("/file", lambda _: PlainTextResponse("a file")),
]
SHORT, LONG = "sesame", "a secret that nobody guesses"


class Answer:
    """Status, headers (a list a name) and text of an answer."""

    def __init__(self, sent):
        [start] = [m for m in sent if m["type"] == "http.response.start"]
        self.status, self.headers = start["status"], {}
        for name, value in start["headers"]:
            self.headers.setdefault(name.decode().lower(), []).append(value.decode())
        self.text = b"".join(m.get("body", b"") for m in sent).decode()

    @property
    def cookies(self):
        return dict(re.match(r"([^=]+)=([^;]*)", line).groups() for line in self.headers.get("set-cookie", []))


FORM = b"application/x-www-form-urlencoded"


def asked(path="/", fields=None, cookies=None, address="10.0.0.1", scheme="http", host=b"lab.example", kind=FORM, more=()):
    """The Answer to a GET, or to a POST of these fields or, of another kind of content, of these bytes."""
    body = urlencode(fields or {}).encode() if kind == FORM else fields
    cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items()).encode()
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET" if fields is None else "POST",
        "scheme": scheme, "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "client": (address, 1),
        "server": ("lab.example", 80),
        "headers": [(b"host", host), (b"cookie", cookie), (b"content-type", kind), *more],
    }  # fmt: skip
    sent = []

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message):
        sent.append(message)

    completed(Starlette(routes=[*ROUTES, *web.routes], middleware=web.middleware)(scope, receive, send))
    return Answer(sent)


@pytest.fixture(autouse=True)
def new_server(monkeypatch):
    monkeypatch.setenv(visitor.SECRET, LONG)
    monkeypatch.delenv(web.EMBED, raising=False)
    web._wrong.clear()


def policy(answer):
    [text] = answer.headers["content-security-policy"]
    return {name: rest.split() for name, _, rest in (part.partition(" ") for part in text.split("; "))}


def test_a_page_may_load_its_own_things_alone():
    for path in ("/", "/file", "/instructor", "/nowhere"):
        answer = asked(path)
        found = policy(answer)
        elsewhere = {source for sources in found.values() for source in sources if "//" in source}
        assert elsewhere == {"ws://lab.example", "wss://lab.example"}
        assert found["default-src"] == found["frame-ancestors"] == ["'self'"] and found["object-src"] == ["'none'"]
        assert not {"'unsafe-inline'", "'unsafe-eval'", "data:"} & set(found["script-src"])
        assert answer.headers["x-content-type-options"] == ["nosniff"]


def test_a_browser_that_has_kept_the_page_and_no_cookie_gets_a_token():
    kept = [(b"if-none-match", b'"a"'), (b"accept", b"text/html,*/*;q=0.8")]
    assert asked(more=kept).cookies.keys() == {visitor.COOKIE} and asked(more=kept[:1]).status == 304


@pytest.mark.parametrize("host", [b"evil.example; script-src *", b"a b", b"*", b"x'", b"", b"a,b", b"[::1", b"\xe4.example"])
def test_a_host_that_is_none_stands_in_no_policy(host):
    found = policy(asked(host=host))
    assert found["connect-src"] == ["'self'", "data:", "blob:"] and "*" not in found["script-src"]


@pytest.mark.parametrize("host", [b"lab.example:8501", b"10.0.0.7", b"[::1]:8501"])
def test_the_stream_is_the_servers_own(host):
    assert f"ws://{host.decode()}" in policy(asked(host=host))["connect-src"]


def test_whom_the_setting_names_may_show_the_lab_in_a_frame(monkeypatch):
    monkeypatch.setenv(web.EMBED, "https://moodle.example.org https://*.example.net http://10.0.0.1:8080")
    assert policy(asked())["frame-ancestors"] == ["'self'", "https://moodle.example.org", "https://*.example.net", "http://10.0.0.1:8080"]


@pytest.mark.parametrize("wrong", ["*", "moodle.example.org", "https://a.example; script-src *", "https://a,https://b", "'none'", "data:"])
def test_what_names_no_host_lets_nobody(monkeypatch, wrong):
    monkeypatch.setenv(web.EMBED, wrong)
    assert set(policy(asked())["frame-ancestors"]) <= {"'self'", "https://a.example"} and policy(asked())["script-src"][0] == "'self'"


def test_a_page_gives_a_browser_its_token_and_leaves_it():
    answer = asked()
    [line] = answer.headers["set-cookie"]
    assert re.fullmatch(r"backprop_lab_visitor=[\w-]{22}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax", line)
    assert "private" in answer.headers["cache-control"][0], "a cache in between would hand the token to others"
    assert asked(cookies=answer.cookies).cookies == answer.cookies
    assert asked().cookies != answer.cookies
    assert visitor.is_token(asked(cookies={visitor.COOKIE: "../../etc"}).cookies[visitor.COOKIE])
    assert asked(scheme="https").headers["set-cookie"][0].endswith("; Secure")


@pytest.mark.parametrize("path", ["/instructor", "/forget"])
def test_a_form_of_another_site_costs_nobody_the_token(path):
    assert "set-cookie" not in asked(path, {}).headers, "it comes without cookies, and would take those that are there"


def test_what_caches_may_keep_has_no_token():
    answer = asked("/file")
    assert "set-cookie" not in answer.headers and "cache-control" not in answer.headers


def entered(secret, token="t" * 22, **more):
    return asked("/instructor", {"secret": secret}, {visitor.COOKIE: token}, **more)


def instructor(answer, token="t" * 22):
    return visitor.signed_in(token, answer.cookies.get(visitor.INSTRUCTOR))


def test_the_secret_makes_this_browser_the_instructors():
    answer = entered(f" {LONG} ")
    assert answer.status == 303 and answer.headers["location"] == ["train"] and instructor(answer)
    assert not instructor(answer, "u" * 22)
    line = next(line for line in answer.headers["set-cookie"] if line.startswith(visitor.INSTRUCTOR))
    assert line.endswith("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax")
    cookies = {visitor.COOKIE: "t" * 22} | answer.cookies
    page = asked("/instructor", cookies=cookies)
    assert "You are signed in as the instructor." in page.text and "Sign out" in page.text
    left = asked("/instructor", {"leave": "1"}, cookies)
    assert left.status == 303 and left.cookies[visitor.INSTRUCTOR] == "" and "Max-Age=0" in " ".join(left.headers["set-cookie"])


@pytest.mark.parametrize("wrong", ["", "x", LONG[:-1], LONG + "x", LONG.upper(), "ä", "\x00", "\ud83d".encode("utf-8", "replace").decode()])
def test_a_wrong_secret_is_refused_in_a_sentence(wrong):
    answer = entered(wrong)
    assert answer.status == 403 and not instructor(answer) and "That is not the secret" in answer.text


def test_without_cookies_there_is_no_login():
    assert asked("/instructor", {"secret": LONG}).status == 400
    assert asked("/instructor", {"secret": LONG}, {visitor.COOKIE: "x"}).status == 400


def test_nobody_keeps_the_instructor_out():
    for _ in range(3 * web.MOST_TRIES):
        assert entered("wrong").status == 403
    assert instructor(entered(LONG))


def test_a_secret_that_can_be_guessed_takes_ten_tries_a_minute_and_address(monkeypatch):
    monkeypatch.setenv(visitor.SECRET, SHORT)
    statuses = [entered("wrong", token=visitor.new_token()).status for _ in range(web.MOST_TRIES + 3)]
    assert statuses == [403] * web.MOST_TRIES + [429] * 3
    assert entered(SHORT).status == 429, "else one could go on guessing"
    assert instructor(entered(SHORT, address="10.0.0.2")), "the instructor's own address"
    assert asked("/instructor", {"leave": "1"}, {visitor.COOKIE: "t" * 22}).status == 303
    now = web.time.monotonic()
    monkeypatch.setattr(web.time, "monotonic", lambda: now + web.IN_SECONDS + 1)
    assert instructor(entered(SHORT))


def test_the_login_reads_no_more_than_a_secret():
    assert asked("/instructor", {"secret": "x" * 10_000}, {visitor.COOKIE: "t" * 22}).status == 400
    assert asked("/instructor", {str(k): "x" for k in range(50)}, {visitor.COOKIE: "t" * 22}).status == 400


@pytest.mark.parametrize("encoding", [b"undefined", b"unicode_escape", b"utf-7", b"idna", b"zlib", b"none"])
def test_a_login_in_any_encoding_is_refused(encoding):
    part = b'--x\r\nContent-Disposition: form-data; name="secret"\r\n\r\n\\ud800+2AA-\r\n--x--\r\n'
    kind = b"multipart/form-data; boundary=x; charset=" + encoding
    assert asked("/instructor", part, {visitor.COOKIE: "t" * 22}, kind=kind).status in (400, 403)


@pytest.mark.parametrize("given", [None, LONG])
def test_the_start_tells_the_secret_that_it_made_and_no_other(monkeypatch, capsys, given):
    (monkeypatch.delenv if given is None else monkeypatch.setenv)(visitor.SECRET, *([] if given is None else [given]))

    async def start():
        async with web.announced(None):
            pass

    completed(start())
    said = capsys.readouterr().out
    assert "/instructor" in said and (visitor.SECRET in said) == bool(given) and (os.environ[visitor.SECRET] in said) != bool(given)


def test_to_be_forgotten_has_to_be_confirmed_and_gives_another_token(tmp_path, monkeypatch):
    monkeypatch.setenv(fetching.CACHE, str(tmp_path))
    token = visitor.new_token()
    visit = Visit(token)
    visit.write("place", [lambda _: {"chosen": "mlp"}])
    cookies = {visitor.COOKIE: token}
    page = asked("/forget", cookies=cookies)
    assert page.status == 200 and "cannot be undone" in page.text and page.cookies[visitor.COOKIE] == token and visit.read("place")
    done = asked("/forget", {}, cookies)
    assert "Deleted: your settings and numbers." in done.text and not visit.folder.exists()
    assert visitor.is_token(done.cookies[visitor.COOKIE]) and done.cookies[visitor.COOKIE] != token
    for nobody in ({}, {visitor.COOKIE: "../.."}, cookies):
        assert "There was nothing to delete." in asked("/forget", {}, nobody).text
