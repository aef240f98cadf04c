"""Blueprints behind a guard: what every route of theirs asks for and refuses is described once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask_smorest import Blueprint

from storefront.api import described

View = TypeVar("View", bound=Callable[..., object])

SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token that signing in gives; good for 15 minutes",
    },
    "staff_refresh": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The refresh token that signing in gives; good for one exchange",
    },
    "partner": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key that headquarters gave out, for what its scopes say",
    },
}
"""For the OpenAPI document's components."""


class GuardedBlueprint(Blueprint):
    """A blueprint whose every request is first shown to a guard."""

    def __init__(
        self,
        *args: Any,
        admit: Callable[[], None],
        refusals: Mapping[int, str],
        security: str = "staff",
        **kwargs: Any,
    ) -> None:
        """Take what a Blueprint takes, the guard, the codes of its refusals by HTTP status, and
        which of SECURITY_SCHEMES it asks for.
        """
        super().__init__(*args, **kwargs)
        self.refusals = refusals
        self.security = [{security: list[str]()}]
        self.before_request(admit)

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        """Mount a view, and describe that it wants a token."""
        mount: Callable[[View], View] = super().route(rule, **options)

        def guarded(view: View) -> View:
            documented: Any = getattr(view, "_apidoc", {}).get("response", {}).get("responses", {})
            codes = {
                status: codes for status, codes in self.refusals.items() if status not in documented
            }
            described_view = described.errors(self, codes)(view)
            return mount(self.doc(security=self.security)(described_view))

        return guarded
