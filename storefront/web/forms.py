"""What came in a form."""

from __future__ import annotations

from flask import request

LONGEST_NAME_OF_A_THING = 80
"""Characters of a public id, and more."""


def sent(field: str, most: int = LONGEST_NAME_OF_A_THING) -> str:
    """A field that the page itself filled in, cut to `most` characters; empty if it did not come.

    Without NUL, which is part of no name and which PostgreSQL refuses.
    """
    return request.form.get(field, "")[:most].replace("\0", "")
