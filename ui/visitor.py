"""Who visits: the secret token that each browser keeps in a cookie, and whether it belongs to the instructor.

A run, a network, a page has a name, which a link may carry. What may be done with it goes by the token, which is never in a link.
"""

import hashlib
import hmac
import os
import re
import secrets
import time

import streamlit as st

COOKIE, INSTRUCTOR = "backprop_lab_visitor", "backprop_lab_instructor"
DAYS = 30  # a visitor is known for, from the last page that was opened
HOURS = 12  # an instructor's login lasts
SECRET = "BACKPROP_LAB_SECRET"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def new_token():
    return secrets.token_urlsafe(16)


def is_token(text):
    """Whether a cookie can be one of ours."""
    return isinstance(text, str) and bool(_TOKEN.fullmatch(text))


def token():
    """This visitor's token: that of the browser or, where that keeps no cookies, of this session alone."""
    kept = st.context.cookies.get(COOKIE)
    return kept if is_token(kept) else st.session_state.setdefault("visitor", new_token())


def comes_back():
    """Whether a later visit of this browser will have the same token."""
    return is_token(st.context.cookies.get(COOKIE))


def is_instructor():
    """Whether this browser has logged in with the installation's secret in the last hours."""
    return signed_in(st.context.cookies.get(COOKIE), st.context.cookies.get(INSTRUCTOR))


def secret():
    """The secret of the installation: of the environment, else made at random once a server."""
    if not os.environ.get(SECRET):
        os.environ[SECRET] = secrets.token_urlsafe(12)  # the environment outlives a reload of the modules
    return os.environ[SECRET]


def login(visitor):
    """The instructor's cookie for the browser with this token."""
    until = str(int(time.time()) + 3600 * HOURS)
    return f"{until}.{_signature(visitor, until)}"


def signed_in(visitor, login):
    """Whether this is the instructor's cookie of the browser with this token, and still good."""
    if not is_token(visitor) or not isinstance(login, str):
        return False
    until, _, signature = login.partition(".")
    good = re.fullmatch(r"[0-9]{1,12}", until) and time.time() < int(until)
    return bool(good) and hmac.compare_digest(signature.encode(), _signature(visitor, until).encode())


def _signature(visitor, until):
    return hmac.new(secret().encode(), f"{visitor}.{until}".encode(), hashlib.sha256).hexdigest()
