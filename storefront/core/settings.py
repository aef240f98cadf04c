"""The running application's settings, for code that has no request and no view at hand."""

from __future__ import annotations

from typing import cast

from flask import current_app

from config.settings import Settings


def settings() -> Settings:
    """The settings that `create_app` was given."""
    return cast(Settings, current_app.extensions["settings"])


__all__ = ["Settings", "settings"]
