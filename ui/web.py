"""What the server adds to Streamlit's own: headers on every answer, the visitor's cookie, and the way in for the instructor."""

import base64
import contextlib
import hashlib
import hmac
import html
import os
import re
import time
from collections import deque
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

from mlcore.threads import OneThread
from ui import arrivals, memory, visitor, work
from ui.visits import leaving

EMBED = "BACKPROP_LAB_EMBED"  # addresses such as https://moodle.example.org that may show the lab in a frame of theirs
BASE = f"/{(st.get_option('server.baseUrlPath') or '').strip('/')}".rstrip("/")  # what every path of the app begins with
HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?")
FORGOTTEN = "backprop_lab_forgotten"  # in the scope of a request after which the browser is another visitor
MOST_TRIES, IN_SECONDS = 10, 60  # of one address, where the secret is short enough to be guessed
LONG = 16  # characters of a secret that nobody guesses: its owner is never kept waiting


def _inline_scripts():
    """The scripts that stand in Streamlit's page itself, as the policy names them; no other runs from within a page."""
    page = (Path(st.__file__).parent / "static/index.html").read_text("utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)


def embedders():
    """Who may show the lab in a frame, beside itself."""
    return [host for host in os.environ.get(EMBED, "").split() if re.fullmatch(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5})?", host)]


def policy(host, inline):
    """What a page may load: its own things alone, whatever text stands on it. host is where it was asked for."""
    streams = f"ws://{host} wss://{host}" if HOST.fullmatch(host) else ""  # older Safari does not count them as its own
    return "; ".join([
        "default-src 'self'", f"script-src 'self' blob: 'wasm-unsafe-eval' {inline}", "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:", "font-src 'self' data:", "media-src 'self' data: blob:", "worker-src 'self' blob:",
        f"connect-src 'self' data: blob: {streams}".rstrip(), "frame-src 'self'", "object-src 'none'", "base-uri 'self'",
        "form-action 'self'", " ".join(["frame-ancestors 'self'", *embedders()]),
    ])  # fmt: skip


class Guard:
    """Middleware: the headers, and a token for a browser that has none."""

    def __init__(self, app):
        self.app, self._inline = app, _inline_scripts()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        request = HTTPConnection(scope)
        token = request.cookies.get(visitor.COOKIE)
        if "text/html" in request.headers.get("accept", ""):  # a page comes whole: one that was kept and is still good would bring no token
            scope = scope | {"headers": [one for one in scope["headers"] if one[0] not in (b"if-none-match", b"if-modified-since")]}

        async def with_headers(message):
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy(request.headers.get("host", ""), self._inline)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                if headers.get("Content-Type", "").startswith("text/html"):  # at every page anew: DAYS count from the last
                    headers["Cache-Control"] = "private, no-cache"  # nobody in between may hand the token to another
                    known = visitor.is_token(token) and not scope.get(FORGOTTEN)
                    # Another site can have a browser post here, but not with its token: that must not cost the visitor the token.
                    if known or scope["method"] == "GET" or scope.get(FORGOTTEN):
                        kept = token if known else visitor.new_token()
                        headers.append("Set-Cookie", _cookie(visitor.COOKIE, kept, 86_400 * visitor.DAYS, scope))
            await send(message)

        await self.app(scope, receive, with_headers)


def _cookie(name, value, seconds, scope):
    secure = "; Secure" if scope["scheme"] == "https" else ""
    return f"{name}={value}; Path={BASE or '/'}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"


_wrong = deque(maxlen=1000)  # when and from where a wrong secret came


def _waits(address):
    """Whether tries from here are to wait: else one could guess, and where one cannot, nobody keeps the instructor out."""
    since = time.monotonic() - IN_SECONDS
    return len(visitor.secret()) < LONG and sum(who == address and when > since for when, who in _wrong) >= MOST_TRIES


async def instructor(request):
    """The instructor's login: whoever knows the installation's secret gets a signed cookie."""
    token = request.cookies.get(visitor.COOKIE)
    if request.method == "GET":
        if visitor.signed_in(token, request.cookies.get(visitor.INSTRUCTOR)):
            return _form("You are signed in as the instructor.", way_out=OUT)
        return _form()
    if not visitor.is_token(token):
        return _form("Your browser does not accept cookies from this site; allow them, then try again.", 400)
    try:
        form = await request.form(max_files=0, max_fields=4, max_part_size=1024)
    except UnicodeError:  # it may name any encoding
        return _form("That cannot be read; enter the secret here.", 400)
    if form.get("leave"):
        answer = RedirectResponse("instructor", 303)
        answer.headers.append("Set-Cookie", _cookie(visitor.INSTRUCTOR, "", 0, request.scope))
        return answer
    address = request.client.host if request.client else ""
    if _waits(address):
        return _form("Too many attempts; wait a minute, then try again.", 429)
    if not hmac.compare_digest(str(form.get("secret", "")).strip().encode(errors="replace"), visitor.secret().encode()):
        _wrong.append((time.monotonic(), address))
        return _form(f"That is not the secret: the server prints it when it starts, unless {visitor.SECRET} sets it.", 403)
    answer = RedirectResponse("train", 303)
    answer.headers.append("Set-Cookie", _cookie(visitor.INSTRUCTOR, visitor.login(token), 3600 * visitor.HOURS, request.scope))
    return answer


def _form(says="", status=200, way_out=""):
    return HTMLResponse(PAGE.format(title="Instructor", body=FORM.format(says=html.escape(says), way_out=way_out)), status)


async def forget(request):
    """All that is kept of the visitor is deleted, once that is confirmed, and the browser gets another token."""
    if request.method == "GET":
        return HTMLResponse(PAGE.format(title="Forget me", body=SURE))
    token = request.cookies.get(visitor.COOKIE)
    known = visitor.is_token(token)
    said = await run_in_threadpool(leaving.forget, token) if known else "There was nothing to delete."
    request.scope[FORGOTTEN] = known
    return HTMLResponse(PAGE.format(title="Forget me", body=f'<p role="status">{html.escape(said)}</p><p><a href=".">To the app</a></p>'))


PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title} · Backprop Lab</title>
<style>
  :root {{color-scheme: light dark}} body {{font: 1.1rem sans-serif; max-width: 28rem; margin: 4rem auto; padding: 0 1rem}}
  input, button {{font: inherit; padding: .3rem .6rem}}
</style>
<h1>{title}</h1>
{body}
</html>"""
FORM = """<p role="status">{says}</p>
<form method="post">
  <label>The instructor's secret<br><input name="secret" type="password" autocomplete="current-password" autofocus required></label>
  <button>Sign in</button>
</form>
{way_out}
<p><a href="train">To the app</a></p>"""
OUT = '<form method="post"><button name="leave" value="1">Sign out</button></form>'
SURE = """<p>This deletes your drawing, settings, numbers and networks from the server and stops your trainings.
It cannot be undone.</p>
<form method="post"><button>Delete everything</button></form>
<p><a href="train">Keep everything</a></p>"""


@contextlib.asynccontextmanager
async def announced(app):
    """Tells whoever starts the server how to be its instructor; meanwhile a process for long computations gets ready."""
    work.start()
    given = bool(os.environ.get(visitor.SECRET))
    which = f"what {visitor.SECRET} holds" if given else visitor.secret()
    print(f"\n  Instructor: open /instructor at the app's address and enter {which}\n", flush=True)
    with OneThread():  # on the small products of a page the threads of several visitors only wait for each other
        async with memory.swept():
            yield


routes = [Route(f"{BASE}/{page.__name__}", page, methods=["GET", "POST"]) for page in (instructor, forget)]
middleware = [Middleware(Guard), Middleware(arrivals.Sieve)]
