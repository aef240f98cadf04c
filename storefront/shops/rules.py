"""What a shop may be called in its address."""

from __future__ import annotations

import re

from storefront.core.colours import HEX, LEAST_FOR_TEXT, contrast, readable_on
from storefront.core.errors import Invalid

HANDLE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SHORTEST_HANDLE = 3
LONGEST_HANDLE = 30

_RESERVED = """
    about account accounts address admin administrator alipay api app apps assets blog brand
    brands cart catalog catalogue chain checkout client contact customer customers demo docs
    employee employees error faq feedback finance forum guest headquarters help home hotline hq
    info invoice legal link links login logout mail manager master me moderator news null
    official operations order orders owner partner partners pay payment payments payout payouts
    payroll police policy post press privacy product products purchase refund refunds register
    return returns root sale sales search secure security seller sellers service services
    settings shop shops sign-in sign-out sign-up signin signout signup staff static status store
    storefront stores support system team terms test undefined user users verify webmaster
    wechat weixin www
"""
RESERVED_HANDLES = frozenset(_RESERVED.split())
"""Names under which an employee would be taken for the chain, or for a part of the program."""


PAPER = "#faf6f0"
"""What the pages are printed on."""


def check_colour(colour: str) -> None:
    """Raise Invalid `wrong_colour` or `colour_too_pale` if a shop may not have this colour.

    Empty is the chain's own.
    """
    if not colour:
        return
    if not HEX.fullmatch(colour):
        raise _refused("wrong_colour", "Write the colour like #2c6249.")
    if contrast(colour, PAPER) < LEAST_FOR_TEXT:
        nearest = readable_on(PAPER, colour)
        message = f"Too pale to be read. The nearest that can be is {nearest}."
        raise _refused("colour_too_pale", message, nearest=nearest)


def _refused(code: str, message: str, **extra: str) -> Invalid:
    return Invalid(code, message, errors={"json": {"colour": [message]}}, **extra)


def check_handle(handle: str) -> None:
    """Raise Invalid `wrong_handle` or `reserved_handle` if no shop may have this handle."""
    if not HANDLE.fullmatch(handle) or not SHORTEST_HANDLE <= len(handle) <= LONGEST_HANDLE:
        raise Invalid(
            "wrong_handle",
            f"A handle has {SHORTEST_HANDLE} to {LONGEST_HANDLE} characters: small letters, digits"
            " and single hyphens between them.",
        )
    if handle in RESERVED_HANDLES:
        raise Invalid("reserved_handle", "This handle is kept for the chain. Choose another one.")
