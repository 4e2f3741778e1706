"""Training in a real Chromium: it goes on without its page, stops when told, and its network reads digits."""

import re
import time

import pytest

import mlcore
from tests.chromium import becomes

from .conftest import THREE, Board, copied, settle

LONG = "data=digits&units=16&size=1&epochs=1000"


def press(page, name):
    page.locator(".st-key-controls").get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def train(page, app_url):
    """Opens the Train page with a query; what still trains at the end is stopped."""

    def open(query=""):
        page.goto(f"{app_url}/train?{query}")
        controls(page).get_by_role("button", name="Stop").wait_for()
        settle(page)
        return page

    yield open
    stop = controls(page).get_by_role("button", name="Stop")
    if stop.count() and stop.is_enabled():
        stop.click()
        settle(page)


def controls(page):
    return page.locator(".st-key-controls")


def enabled(page, name):
    """Wait until this button can be pressed."""
    page.wait_for_function(
        "name => [...document.querySelectorAll('.st-key-controls button')].some(b => b.innerText.trim() === name && !b.disabled)", arg=name
    )


def updates(page):
    """The number of updates the page tells of, once there is one."""
    page.wait_for_function("() => / updates, /.test(document.querySelector('[data-testid=stMain]').innerText)")
    return int(re.search(r"([\d,]+) updates, ", page.locator('[data-testid="stMain"]').inner_text())[1].replace(",", ""))


def accuracy(page):
    return page.locator('[data-testid="stMetric"]').filter(has_text="Test accuracy").locator('[data-testid="stMetricValue"]').inner_text()


def test_a_training_goes_on_without_its_page_and_after_a_reload_and_stops_when_told(train):
    page = train(LONG)
    press(page, "Start")
    first = updates(page)
    chart = page.locator(".st-key-curves .curves")
    chart.evaluate("c => { c.first = c.data.training.length; window.kept = [c, document.querySelector('[data-testid=stMain] img')] }")
    page.wait_for_function("() => { const [c] = window.kept; return c.data.training.length > c.first + 3 }")
    assert page.evaluate("() => window.kept.every(e => e.isConnected)"), "curves and picture grow in place"
    svg = chart.locator("svg")
    assert "one epoch = 4,000 updates of 1 digit each" in svg.text_content() and "guessing: ln 10" in svg.text_content()

    page.get_by_role("link", name="Draw").click()
    board = Board(page)
    board.stroke(THREE)
    board.wait_for("3")
    page.get_by_role("link", name="Train").click()
    second = updates(page)
    assert second > first
    run = re.search(r"run=[\w-]+", page.url)[0]
    page.reload()
    assert updates(page) > second and run in page.url
    enabled(page, "Pause")
    becomes(page.get_by_role("combobox", name="Batch size").input_value, "1")
    assert copied(page) == re.sub("run=[^&]+&?", "", page.url).rstrip("&")  # whoever opens a link gets the settings, not the training

    for name, then in (("Pause", "Resume"), ("Resume", "Pause"), ("Stop", "Start")):
        began = time.monotonic()
        press(page, name)
        enabled(page, then)
        assert time.monotonic() - began < 10  # half a second for the run, the rest for a busy machine's browser
    stopped = updates(page)
    page.wait_for_timeout(1200)
    assert updates(page) == stopped


def test_a_network_is_set_up_trained_saved_loaded_and_reads_what_is_drawn(train, tmp_path):
    page = train("epochs=12")
    page.get_by_label("Learning rate α").fill("0.08")
    page.get_by_label("Learning rate α").press("Enter")
    page.wait_for_url(re.compile(r"alpha=0\.08"))
    page.reload()
    page.wait_for_function("() => document.querySelector('input[aria-label=\"Learning rate α\"]')?.value === '0.08'")
    assert "alpha=0.08" in page.url and "epochs=12" in page.url
    enabled(page, "Start")
    press(page, "Start")
    enabled(page, "Use it")
    becomes(lambda: float(accuracy(page).removesuffix(" %").replace("–", "0")) > 85, True)
    press(page, "Use it")
    page.wait_for_function("() => [...document.querySelectorAll('.st-key-controls button')].some(b => b.innerText === 'In use')")

    names = page.get_by_role("textbox", name="Name")
    kept = names.count()  # this browser's trainings of before are here too
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").last.click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert mlcore.load(path).sizes == (784, 128, 64, 10)
    page.locator('input[type="file"]').set_input_files(path)
    page.get_by_text("is loaded; choose it above").wait_for()
    becomes(names.count, kept + 1)

    page.get_by_role("link", name="Draw").click()
    board = Board(page)
    becomes(lambda: board.network.startswith("digits, SGD 0.08"), True)
    board.stroke(THREE)
    page.wait_for_function("() => /^\\d/.test(document.querySelector('[data-testid=stMetricValue]').innerText.trim())")


def test_another_data_set_brings_its_settings_and_points(train):
    page = train()
    page.get_by_role("combobox", name="Data").click()
    page.get_by_role("option", name="spirals").click()
    page.wait_for_url(re.compile("data=spirals"))
    page.get_by_alt_text("The points of spirals").wait_for()
    becomes(page.get_by_role("textbox", name=re.compile("Hidden layers")).input_value, "16, 16")


def test_who_is_sent_an_address_sees_the_training_and_finds_no_control_of_it(train, browser, app_url):
    page = train(LONG)
    press(page, "Start")
    before = updates(page)
    press(page, "Pause")
    enabled(page, "Use it as it is now")
    press(page, "Use it as it is now")
    page.wait_for_url(re.compile("net="))
    run = re.search(r"run=([\w-]+)", page.url)[1]
    [token] = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "backprop_lab_visitor"]
    assert f"net={run}." in copied(page) and "run=" not in copied(page)
    for link in (copied(page), page.url):
        other = browser.new_context()
        guest = other.new_page()
        guest.set_default_timeout(40_000)
        guest.goto(link)
        guest.get_by_text("This is another visitor's training").wait_for()
        assert updates(guest) >= before
        enabled(guest, "Start")
        becomes(controls(guest).get_by_role("button").all_inner_texts, ["Start", "In use"])  # the network comes with the link
        assert guest.get_by_role("button", name=re.compile("^(Pause|Resume|Stop|One epoch)$")).count() == 0
        assert token not in link + guest.content() + page.content()
        other.close()
    press(page, "Resume")
    enabled(page, "Pause")
