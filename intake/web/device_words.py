"""What the desk is told about a device between two patients; staff read it, so it is English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.storage.devices import DeviceState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from intake.storage.devices import Device

FOUND: Mapping[str, str] = {
    "caches": "a page kept by the browser",
    "cookies": "a cookie that scripts can read",
    "databases": "a database in the browser",
    "fields": "words that the browser filled into a form",
    "files": "a file in the browser’s storage",
    "history": "an address or a note in the browser’s history",
    "local": "something in the browser’s storage",
    "session": "something in the storage of the window",
    "window": "a name on the window",
    "windows": "another window of Intake that is open",
    "workers": "a program that goes on in the background",
    "unread": "a place where the browser lets nobody look",
}
"""What a check may find, in words."""

CLEANING = (
    "Close every window of its browser, clear the browser’s history and website data, and open it"
    " again. With the website data a tablet of the clinic loses its enrolment as well: an"
    " administrator then enrols it anew, under “Tablets”."
)
"""What to do by hand."""

IN_HAND = (
    "A patient has it. It checks itself when the form is sent or put away, which happens by itself"
    " once nobody has touched it for about half an hour. If it was handed back before that, or its"
    " browser was closed meanwhile, hand the form over again or withdraw it at the desk, and then"
    " open the device’s start page."
)
"""What to do about a device whose visit is open, perhaps without its browser knowing of it."""


@dataclass(frozen=True, slots=True)
class DeviceWords:
    """What is said of a device.

    Attributes:
        kind: How it stands: `well`, `wait` or `wrong`.
        short: For a table.
        long: What happened, and what to do.
        here: What to do instead where its browser is at the desk, to be handed over.
    """

    kind: str
    short: str
    long: str
    here: str = ""

    @property
    def is_noted(self) -> bool:
        """Whether it is noted under “Devices” that it was cleaned."""
        return not self.here


def words_of(device: Device) -> DeviceWords:
    """Say how a device stands, and what to do about it."""
    match device.state:
        case DeviceState.UNUSED:
            return DeviceWords("well", "Not given to a patient yet", "")
        case DeviceState.CLEAN:
            return DeviceWords("well", "Nothing was left", "")
        case DeviceState.CLEANED:
            return DeviceWords("well", f"Cleaned by {device.cleaned_by_name}", "")
        case DeviceState.LEFT:
            left = ", ".join(FOUND.get(code, code) for code in device.found)
            said = f"Something of the last patient may be left on it: {left}."
            return DeviceWords("wrong", f"Found: {left}", f"{said} {CLEANING}")
        case DeviceState.GIVEN if device.is_in_hand:
            here = "A form is open on it, and is put away when you hand over another."
            return DeviceWords("wait", "A patient has it", IN_HAND, f"{here} {CLEANING}")
        case DeviceState.GIVEN:
            said = (
                "It was not checked after its last patient: its page was closed too early, it has"
                " no connection, or its browser runs no scripts. Open its start page once; it then"
                " checks itself."
            )
            return DeviceWords(
                "wait", "Not checked", f"{said} Or by hand: {CLEANING[0].lower()}{CLEANING[1:]}"
            )


def name_of(device: Device, people: Mapping[str, str]) -> str:
    """Say which device it is."""
    if device.name:
        return device.name
    return f"A browser of the desk, first handed over by {people.get(device.added_by, 'somebody')}"
