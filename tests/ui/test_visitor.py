"""The token of a browser, and the instructor's login that is bound to it."""

from types import SimpleNamespace

import pytest

from ui import visitor


@pytest.fixture
def browser(monkeypatch):
    """A visit of a browser with these cookies; the secret of the installation is not set."""
    monkeypatch.delenv(visitor.SECRET, raising=False)
    cookies = {}
    monkeypatch.setattr(visitor, "st", SimpleNamespace(context=SimpleNamespace(cookies=cookies), session_state={}))
    yield cookies
    monkeypatch.delenv(visitor.SECRET, raising=False)  # one made at random is kept there


def test_tokens_are_random_and_known_by_their_form(browser):
    tokens = {visitor.new_token() for _ in range(1000)}
    assert len(tokens) == 1000 and all(map(visitor.is_token, tokens))


@pytest.mark.parametrize("text", [None, "", "x", "a" * 21, "a" * 23, "a" * 22 + "\n", "../" * 7 + "a", "ä" * 22, "a" * 21 + "/", 7])
def test_what_is_no_token_is_not_taken_for_one(browser, text):
    browser[visitor.COOKIE] = text
    assert not visitor.is_token(text) and not visitor.comes_back()
    assert visitor.is_token(visitor.token()) and visitor.token() == visitor.token() != text, "one of this visit alone"


def test_a_browser_keeps_its_token(browser):
    browser[visitor.COOKIE] = token = visitor.new_token()
    assert visitor.comes_back() and visitor.token() == token


def test_a_secret_made_at_random_stays_and_one_that_is_set_holds(browser, monkeypatch):
    made = visitor.secret()
    assert len(made) >= 16 and visitor.secret() == made
    monkeypatch.setenv(visitor.SECRET, "of the department")
    assert visitor.secret() == "of the department"


def test_who_logged_in_is_the_instructor_in_this_browser_for_some_hours(browser, monkeypatch):
    token, other = visitor.new_token(), visitor.new_token()
    assert not visitor.is_instructor()
    browser.update({visitor.COOKIE: token, visitor.INSTRUCTOR: visitor.login(token)})
    assert visitor.is_instructor()
    browser[visitor.COOKIE] = other
    assert not visitor.is_instructor(), "the login of another browser"
    browser[visitor.COOKIE] = token
    now = visitor.time.time()
    monkeypatch.setattr(visitor.time, "time", lambda: now + 3600 * visitor.HOURS - 60)
    assert visitor.is_instructor()
    monkeypatch.setattr(visitor.time, "time", lambda: now + 3600 * visitor.HOURS + 60)
    assert not visitor.is_instructor(), "for ever"


def test_with_another_secret_everybody_is_a_student_again(browser, monkeypatch):
    browser[visitor.COOKIE] = token = visitor.new_token()
    browser[visitor.INSTRUCTOR] = visitor.login(token)
    monkeypatch.setenv(visitor.SECRET, "another secret, and a long one")
    assert not visitor.is_instructor()


def test_a_forged_login_is_none(browser):
    browser[visitor.COOKIE] = token = visitor.new_token()
    good = visitor.login(token)
    until, _, signature = good.partition(".")
    later = str(int(until) + 10**6)
    forged = [
        "", ".", "1", until, f"{until}.", f".{signature}", f"{later}.{signature}", f"{until}.{signature[:-1]}", f"{until}.{signature}0",
        f"{until}.{signature.upper()}", f" {good}", f"{good} ", f"{until}.{signature[::-1]}", f"{until}.ä", f"-1.{signature}",
        f"1e99.{signature}", f"{until}{until}.{signature}", "٣.x", f"{until}.{'0' * 64}", None,
    ]  # fmt: skip
    assert not any(visitor.signed_in(token, one) for one in forged)
    assert not visitor.signed_in(None, good) and not visitor.signed_in("", visitor.login(""))
    assert visitor.signed_in(token, good)
