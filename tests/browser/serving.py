"""A shop that answers over HTTP, in threads of the test's own process."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from config.settings import Settings
from storefront import create_app
from storefront.core import hot
from storefront.core.database import db
from tests.bench.server import free_port
from tests.support.databases import make_tables
from tests.support.showcase import Showcase, furnish


@dataclass(frozen=True)
class LiveShop:
    """Where it is, and what is in it."""

    app: Flask
    base: str
    """How every address begins."""
    goods: Showcase

    @contextmanager
    def inside(self) -> Generator[None]:
        """The shop's services, as HQ or a gateway would use them meanwhile."""
        with self.app.app_context():
            try:
                yield
            finally:
                db.session.remove()


class _Handler(WSGIRequestHandler):
    # A connection that stays open is what a browser expects, and saves a thread per picture.
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, the parent's word
        """Keep quiet: a test says what it has seen."""


class _Server(ThreadedWSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        super().process_request_thread(request, client_address)
        # The thread ends with its connection, and so must what it held of the database.
        assert isinstance(self.app, Flask)
        with self.app.app_context():
            hot.close_connections()


@contextmanager
def a_live_shop(folder: Path) -> Generator[LiveShop]:
    """A shop over a database of its own in `folder`, for the length of a `with`."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    url = f"sqlite:///{folder / 'shop.sqlite'}"
    make_tables(url)
    settings = Settings.for_tests(
        database_url=url, instance_folder=folder, public_base_url=base, database_pool_size=20
    )
    app = create_app(settings)
    app.add_url_rule("/for-tests/broken", view_func=_break)
    with app.app_context():
        goods = furnish()
        db.session.remove()
    server = _Server("127.0.0.1", port, app, handler=_Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield LiveShop(app, base, goods)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
        with app.app_context():
            hot.close_connections()
            db.engine.dispose()


def _break() -> str:
    raise RuntimeError("broken on purpose, to see what a customer sees then")
