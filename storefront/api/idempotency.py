"""`Idempotency-Key` on POSTs that create or pay."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, make_response, request

from storefront.core import clock, idempotency
from storefront.core.database import transaction
from storefront.core.errors import Invalid

LONGEST_KEY = 200
HEADER = "Idempotency-Key"

P = ParamSpec("P")


def idempotent(scope: Callable[[], str]) -> Callable[[Callable[P, object]], Callable[P, Response]]:
    """Carry a view out at most once per key; `scope()` names the caller.

    View, key and answer are committed in one transaction. An error is not kept: nothing was done,
    so the same key may try again. Put it outermost under the route, above `arguments`.
    """

    def decorate(view: Callable[P, object]) -> Callable[P, Response]:
        @wraps(view)
        def once(*args: P.args, **kwargs: P.kwargs) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return make_response(view(*args, **kwargs))
            if not 1 <= len(key) <= LONGEST_KEY or not key.isprintable():
                raise Invalid(
                    "idempotency_key_wrong",
                    f"Idempotency-Key takes 1 to {LONGEST_KEY} printable characters.",
                )
            full_scope = f"{scope()} {request.method} {request.path}"
            fingerprint = hashlib.sha256(request.get_data()).hexdigest()
            found = idempotency.find_answer(full_scope, key, fingerprint)
            if found:
                return _again(found)
            with transaction():
                if not idempotency.claim(full_scope, key, fingerprint, clock.now()):
                    found = idempotency.find_answer(full_scope, key, fingerprint)
                    assert found is not None
                    return _again(found)
                response = make_response(view(*args, **kwargs))
                answer = idempotency.Answer(response.status_code, response.get_data())
                idempotency.keep_answer(full_scope, key, answer)
            return response

        return once

    return decorate


def _again(answer: idempotency.Answer) -> Response:
    response = Response(answer.body, answer.status, content_type="application/json")
    response.headers["Idempotency-Replayed"] = "true"
    return response
