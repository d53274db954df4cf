"""From where a request comes: network, browser, tablet."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from flask import request

from intake.actions import tries
from intake.web.clinic import current_store
from intake.web.cookies import KNOWN_COOKIE, given_cookie


def origin(station: str = "") -> tries.Origin:
    """Return where the request comes from, for what counts tries.

    Args:
        station: What stands for the tablet, on the patients' side.
    """
    return tries.Origin(
        address=network_of(request.remote_addr or ""),
        device=tries.device_of(current_store(), given_cookie(KNOWN_COOKIE)),
        station=station,
        browser=browser_family(request.user_agent.string),
    )


def network_of(address: str) -> str:
    """Return what one subscriber has of an address: with IPv6 they have all of a network."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4 or found.ipv4_mapped:  # noqa: PLR2004 - the older Internet
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(ip_network((found, IPV6_SUBSCRIBER), strict=False))


IPV6_SUBSCRIBER = 64
"""Leading bits that tell one subscriber from another. Source: RFC 6177."""

_FAMILIES = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)

_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def browser_family(agent: str) -> str:
    """Say what kind of browser it is, and on what: enough to know one's own by."""
    family = next((words for sign, words in _FAMILIES if sign in agent), "Another browser")
    system = next((f" on {words}" for sign, words in _SYSTEMS if sign in agent), "")
    return f"{family}{system}"
