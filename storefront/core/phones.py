"""Phone numbers: however people write them, kept in one form."""

from __future__ import annotations

import phonenumbers

HOME_REGION = "CN"
"""Where a number without a country code is at home."""


def as_e164(text: str) -> str:
    """`+8613800138000` from a number with spaces, dashes, brackets, +86 or none.

    ValueError when it cannot be a phone number.
    """
    try:
        parsed = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError(str(error)) from error
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError(f"{text!r} has not the length of a phone number")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def readable(e164: str) -> str:
    """A number as people read it: `+86 138 0013 8000`; nothing for none."""
    if not e164:
        return ""
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(phonenumbers.parse(e164), form)


def masked(e164: str) -> str:
    """A number that only its owner knows again: `138****8000`, `+44****0958`; nothing for none."""
    if not e164:
        return ""
    parsed = phonenumbers.parse(e164)
    digits = phonenumbers.national_significant_number(parsed)
    if phonenumbers.region_code_for_country_code(parsed.country_code or 0) == HOME_REGION:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"+{parsed.country_code}****{digits[-4:]}"
