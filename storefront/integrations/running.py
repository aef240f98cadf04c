"""The outside services of the running application, as `create_app` chose them."""

from __future__ import annotations

from typing import cast

from flask import current_app

from storefront.core.errors import Conflict, NotFound
from storefront.integrations.messages.base import Messenger
from storefront.integrations.payments.base import Gateway
from storefront.integrations.payments.sandbox import SandboxGateway
from storefront.integrations.signing import KeyRing
from storefront.integrations.transfers.base import Transfers


def gateway() -> Gateway:
    """The gateway that new payments go through."""
    return cast(Gateway, current_app.extensions["gateway"])


def gateway_named(name: str) -> Gateway:
    """The gateway that a message came from. Raises NotFound `gateway_not_found`."""
    found = gateway()
    if found.name != name:
        raise NotFound("gateway_not_found", "There is no such gateway here.")
    return found


def sandbox() -> SandboxGateway:
    """The sandbox, where it is in use. Raises NotFound `gateway_not_found` where it is not."""
    found = gateway_named(SandboxGateway.name)
    assert isinstance(found, SandboxGateway)
    return found


def transfers() -> Transfers:
    """What carries payouts to employees. Raises Conflict `no_transfers` where nothing does."""
    found = cast(Transfers | None, current_app.extensions["transfers"])
    if found is None:
        raise Conflict(
            "no_transfers",
            "No transfer provider is connected here: let the payroll pay the batch, and say so.",
        )
    return found


def messenger() -> Messenger:
    """What carries messages to phones."""
    return cast(Messenger, current_app.extensions["messenger"])


def key_ring() -> KeyRing:
    """The keys that statements are signed with, and checked by."""
    return cast(KeyRing, current_app.extensions["key_ring"])
