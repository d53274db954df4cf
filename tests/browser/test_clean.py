"""A device looks after each patient whether anything is left, and is given on only when not."""

import pytest
from playwright.sync_api import expect

from intake.actions import tablets
from intake.storage import audit, devices
from intake.storage.devices import DeviceState
from tests.browser.conftest import TABLET, now, who_is
from tests.browser.patient import await_in, press, where
from tests.browser.test_access import LOOKS, faults

PLANTED = {
    "local": "localStorage.setItem('left', 'Quin Ford')",
    "session": "sessionStorage.setItem('left', 'Quin Ford')",
    "databases": "indexedDB.open('left')",
    "caches": "caches.open('left').then((kept) =>"
    " kept.put('/tablet/welcome', new Response('Quin Ford')))",
    "cookies": "document.cookie = 'left=Quin; path=/'",
    "window": "window.name = 'Quin Ford'",
    "history": "history.replaceState({ left: 'Quin Ford' }, '')",
    "fields": "addEventListener('DOMContentLoaded', () => {"
    " for (const field of document.querySelectorAll('#probes input')) field.value = 'Quin' })",
}
"""What somebody, or a fault of ours, could leave in a browser."""


@pytest.fixture
def tablet(clinic, open_browser):
    """A tablet of the clinic, and what is known of it at the desk."""
    cleo = who_is(clinic.store, "cleo")

    def make(name, **options):
        code = tablets.enrolment_link(clinic.store, name=name, by=cleo, now=now())
        token = tablets.enrol(clinic.store, code=code, now=now())
        page = open_browser(**{**TABLET, **options})
        cookie = {"name": "intake_tablet", "value": token, "path": "/", "domain": "127.0.0.1"}
        page.context.add_cookies([{**cookie, "httpOnly": True}])
        known = tablets.tablet_of(clinic.store, token)
        return page, lambda: devices.device_of_tablet(clinic.store, known.id)

    return make


def begin(page, name="Quin Ford"):
    page.goto("/tablet/")
    page.get_by_label("Your full name").fill(name)
    for label, value in (("Day", "14"), ("Month", "3"), ("Year", "1985")):
        page.get_by_label(label, exact=True).fill(value)
    press(page, "Begin")


def give_back(page):
    """End a visit by the shortest way there is."""
    press(page, "No, this is not me")
    page.wait_for_url("**/tablet/not-me")


def until(page, known, state):
    for _ in range(50):
        if known().state is state:
            return
        page.wait_for_timeout(50)
    assert known().state is state


def test_a_tablet_that_found_nothing_is_given_to_the_next_patient(tablet, clinic):
    page, known = tablet("Room 11")
    begin(page)
    during = known()

    give_back(page)
    until(page, known, DeviceState.CLEAN)
    begin(page, "Next Person")

    assert (during.state, during.is_in_hand) == (DeviceState.GIVEN, True)
    assert where(page) == "/tablet/welcome"
    expect(page.locator(".person-name")).to_have_text("Next Person")


@pytest.mark.parametrize("place", PLANTED)
def test_what_is_left_is_found_and_keeps_the_tablet_from_the_next_patient(tablet, place):
    page, known = tablet(f"Room {place}")
    begin(page)
    page.add_init_script(PLANTED[place])

    give_back(page)
    page.goto("/tablet/", wait_until="commit")  # the check may load it once more
    until(page, known, DeviceState.LEFT)
    page.goto("/tablet/", wait_until="commit")

    expect(page.locator(".staff-words")).to_contain_text("Something of the last patient")
    assert place in known().found
    assert page.locator("#page").count() == 0


def test_somebody_cleans_it_and_says_so_at_the_desk(tablet, at_desk, clinic):
    page, known = tablet("Room 12")
    begin(page)
    page.add_init_script("if (!window.was) localStorage.setItem('left', 'x')")
    give_back(page)
    until(page, known, DeviceState.LEFT)
    desk = at_desk("ada")
    desk.goto("/desk/")
    expect(desk.locator(".notice")).to_contain_text("may still hold something")

    desk.locator("#main").get_by_role("link", name="Devices").click()
    row = desk.get_by_role("row").filter(has_text="Room 12")
    expect(row).to_contain_text("something in the browser’s storage")
    row.locator("summary").click()
    row.get_by_label("What you did").fill("Cleared its data.")
    row.get_by_role("button", name="Note it").click()
    expect(desk.locator(".told")).to_contain_text("may have this device")

    assert known().state is DeviceState.CLEANED
    event = audit.of_subject(clinic.store, known().id)[-1]
    assert (event.action, event.detail["reason"]) == ("device cleaned", "Cleared its data.")


def test_without_scripts_a_tablet_counts_as_not_checked(tablet):
    page, known = tablet("Room 13", java_script_enabled=False)
    begin(page)
    page.get_by_role("button", name="No, this is not me").click()
    page.wait_for_url("**/tablet/not-me")

    page.goto("/tablet/")

    assert known().state is DeviceState.GIVEN
    expect(page.get_by_role("heading", level=1)).to_have_text("Please ask a member of staff")
    expect(page.locator(".staff-words")).to_contain_text("It was not checked")
    assert page.locator("#page").count() == 0


def test_a_tablet_that_was_not_checked_checks_itself_on_its_start_page(tablet):
    page, known = tablet("Room 14")
    begin(page)
    page.route("**/tablet/checked", lambda route: route.abort())
    give_back(page)
    page.wait_for_timeout(300)
    before = known().state
    page.unroute("**/tablet/checked")

    page.goto("/tablet/")

    expect(page.get_by_label("Your full name")).to_be_visible()
    assert (before, known().state) == (DeviceState.GIVEN, DeviceState.CLEAN)


@pytest.fixture
def unclean(tablet):
    """A tablet on which something was left."""
    page, known = tablet("Room 15")
    begin(page)
    page.add_init_script("if (!window.was) localStorage.setItem('left', 'x')")
    give_back(page)
    until(page, known, DeviceState.LEFT)
    return page


@pytest.mark.parametrize("look", ["light", "dark", "forced"])
def test_what_is_said_of_devices_keeps_nobody_out(unclean, at_desk, look, pictures):
    desk = at_desk("ada", **LOOKS[look])
    desk.goto("/desk/devices")
    desk.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    unclean.goto("/tablet/")
    found = faults(desk) + faults(unclean)
    if look != "forced":
        desk.screenshot(path=pictures / f"devices-{look}.png", full_page=True)
        unclean.screenshot(path=pictures / "care.png", full_page=True)

    assert found == []


@pytest.mark.parametrize("width", [320, 390, 820, 1180])
def test_devices_are_not_wider_than_the_screen(unclean, at_desk, width, pictures):
    desk = at_desk("ada", viewport={"width": width, "height": 844})
    desk.goto("/desk/devices")

    wide = desk.evaluate("document.documentElement.scrollWidth > innerWidth")
    if width == 390:
        desk.screenshot(path=pictures / "devices-390.png")

    assert not wide


def test_a_browser_of_the_desk_is_checked_as_well(at_desk, clinic):
    begun = clinic.maker.begun("Gil Handed", "healthy-woman")
    page = at_desk("ada", **TABLET)
    page.goto(f"/desk/hand-over/{begun.id}")
    press(page, "Sign me out and open the form")
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "intake_device")

    give_back(page)
    until(page, lambda: devices.device_of_token(clinic.store, token), DeviceState.CLEAN)

    assert devices.device_of_token(clinic.store, token).found == ()


POISON = """async (address) => {
    const [name] = (await caches.keys()).filter((name) => name.startsWith("intake-"));
    const cache = await caches.open(name);
    const [request] = (await cache.keys()).filter(({ url }) => url.includes(address));
    const body = await (await cache.match(request)).text();
    const type = address.endsWith(".js") ? "text/javascript" : "text/html";
    const headers = { "Content-Type": type };
    await cache.put(request, new Response(`${body}\\n window.heard = true;`, { headers }));
}"""
"""What a patient with the browser's own tools can do to a file that is kept."""
FORGET = "async () => Promise.all((await caches.keys()).map((name) => caches.delete(name)))"
IS_FILLED = """async () => {
    const wanted = Object.keys(JSON.parse(document.getElementById("check").dataset.kept)).length;
    const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    return (await Promise.all(caches_.map((one) => one.keys()))).flat().length === wanted;
}"""
"""Whether the worker has done its part: what is changed before that it would put right again."""
KEPT_TEXTS = """async () => {
    const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const answers = (await Promise.all(caches_.map((one) => one.matchAll()))).flat();
    return Promise.all(answers.map((one) => one.text()));
}"""


@pytest.mark.parametrize("address", ["/static/intake.js", "/tablet/offline"])
def test_a_kept_file_that_was_changed_is_found_and_reaches_nobody(tablet, address):
    page, known = tablet(f"Room of {address}")
    begin(page)
    give_back(page)
    until(page, known, DeviceState.CLEAN)
    page.evaluate(FORGET)
    page.goto("/tablet/")
    await_in(page, IS_FILLED)
    page.evaluate(POISON, address)

    page.goto("/tablet/", wait_until="commit")
    until(page, known, DeviceState.LEFT)

    assert known().found == ("caches",)
    expect(page.locator(".staff-words")).to_contain_text("a page kept by the browser")
    await_in(page, f"async () => !(await ({KEPT_TEXTS})()).join().includes('heard')")
    assert page.evaluate("window.heard") is None


@pytest.mark.parametrize("side", ["tablet", "desk"])
def test_a_file_that_is_not_ours_is_not_run(side, chromium, clinic):
    context = chromium.new_context(base_url=clinic.address)
    page, said = context.new_page(), []
    page.on("console", lambda message: said.append(message.text))

    def change(route):
        answer = route.fetch()
        route.fulfill(response=answer, body=f"{answer.text()}\n;window.heard = true;")

    page.route("**/static/*.js*", change)
    page.goto(f"/{side}/", wait_until="networkidle")
    heard = page.evaluate("window.heard")
    context.close()

    assert heard is None
    assert any("integrity" in words for words in said)


@pytest.mark.parametrize("forgets", [False, True], ids=["known", "without its cookie"])
def test_what_was_planted_after_the_check_is_found_before_the_browser_is_given_out(
    at_desk, clinic, forgets
):
    begun = clinic.maker.begun(f"Gil Planted {forgets}", "healthy-woman")
    page = at_desk("ada", **TABLET)
    page.goto(f"/desk/hand-over/{begun.id}")
    press(page, "Sign me out and open the form")
    give_back(page)
    page.evaluate("localStorage.setItem('left', 'x')")
    if forgets:
        page.context.clear_cookies(name="intake_device")
    desk = {"name": "intake_desk", "value": clinic.session("ada"), "path": "/desk"}
    page.context.add_cookies([{**desk, "domain": "127.0.0.1", "httpOnly": True}])
    page.goto(f"/desk/hand-over/{begun.id}")

    page.get_by_role("button", name="Sign me out and open the form").click()

    told = page.locator(".notice", has_text="Clean this device first")
    expect(told).to_contain_text("something in the browser’s storage")
    page.get_by_label("What you did").fill("Cleared its data.")
    press(page, "Sign me out and open the form")
    assert where(page) == "/tablet/welcome"
