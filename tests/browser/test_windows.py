"""Several windows of one browser: none of them goes on to show the last patient."""

from playwright.sync_api import expect

from intake.storage.devices import DeviceState
from tests.browser.patient import await_worker, press
from tests.browser.test_clean import begin, give_back, tablet, until

__all__ = ["tablet"]


def test_no_device_is_handed_over_while_another_window_is_open(at_desk, clinic):
    begun = clinic.maker.begun("Ida Handed", "healthy-woman")
    desk = at_desk("ada")
    other = desk.context.new_page()
    other.goto(f"/desk/cases/{clinic.maker.filled('Zoe Seen', 'healthy-woman').id}")
    desk.goto(f"/desk/hand-over/{begun.id}")
    hand_over = desk.get_by_role("button", name="Sign me out and open the form")

    hand_over.click()
    expect(desk.get_by_role("alert")).to_contain_text("Another window of Intake is open")
    still_signed_in = desk.request.get("/desk/").url
    other.close()
    hand_over.click()

    expect(desk.locator(".person-name")).to_have_text("Ida Handed")
    assert still_signed_in.endswith("/desk/")


def test_without_scripts_another_window_of_the_desk_goes_to_the_sign_in(at_desk, clinic):
    """What cannot count its windows hands over all the same; the server then knows nobody."""
    begun = clinic.maker.begun("Ida Scriptless", "healthy-woman")
    desk = at_desk("ada", java_script_enabled=False)
    other = desk.context.new_page()
    other.goto("/desk/")
    desk.goto(f"/desk/hand-over/{begun.id}")

    press(desk, "Sign me out and open the form")
    other.reload()

    assert other.url.endswith("/desk/sign-in")


def test_another_window_of_the_desk_is_emptied_when_somebody_signs_out(at_desk, clinic):
    desk = at_desk("ada")
    other = desk.context.new_page()
    other.goto(f"/desk/cases/{clinic.maker.filled('Zoe Quiet', 'healthy-woman').id}")
    desk.goto("/desk/")

    desk.get_by_role("button", name="Sign out").click()

    other.wait_for_url("**/desk/sign-in")
    assert "Zoe Quiet" not in other.inner_text("body")


def test_another_window_of_a_tablet_is_emptied_when_the_visit_ends(tablet):
    page, known = tablet("Room of windows")
    begin(page, "Ava Early")
    other = page.context.new_page()
    other.goto("/tablet/welcome")
    expect(other.locator(".person-name")).to_have_text("Ava Early")

    give_back(page)

    other.wait_for_url("**/tablet/")
    assert "Ava Early" not in other.inner_text("body")
    until(page, known, DeviceState.LEFT)
    assert known().found == ("windows",)


def test_a_window_that_answers_nobody_is_counted_by_the_worker(tablet):
    page, known = tablet("Room of silence")
    begin(page, "Ava Silent")
    give_back(page)
    until(page, known, DeviceState.CLEAN)
    page.goto("/tablet/")
    await_worker(page)
    other = page.context.new_page()
    other.route("**/turn.js*", lambda route: route.fulfill(status=404))
    other.goto("/tablet/offline")

    page.goto("/tablet/", wait_until="commit")

    until(page, known, DeviceState.LEFT)
    assert known().found == ("windows",)
