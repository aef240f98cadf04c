"""A test client whose requests are as far from the test as a browser's would be."""

import contextvars
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.database import db, in_transaction


class SeparateClient(FlaskClient):
    """Flask's client, without the test's own application context leaking into the request.

    Flask would otherwise serve the request inside the context that the test stands in: it would
    share the test's database session and `g`, and whatever a view leaves uncommitted would look as
    if it had been stored.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make one request; afterwards the test reads the database afresh."""
        if in_transaction():
            raise AssertionError("a request inside the test's own transaction() would wait for it")
        response = contextvars.Context().run(super().open, *args, **kwargs)
        db.session.rollback()
        db.session.expire_all()
        return response

    def __enter__(self) -> "SeparateClient":
        raise AssertionError("the request's context is gone when the answer is there")
