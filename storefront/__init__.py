"""storefront: every employee of a retail chain has a shop on the phone.

`create_app` is the only place where the parts are wired together; nothing imports it back.
"""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import Settings
from storefront import api, cli, web
from storefront.core import paths
from storefront.core.clock import Clock, SystemClock
from storefront.core.database import db, prepare_engine
from storefront.core.jobs import JobThread
from storefront.core.sessions import RareSessions
from storefront.duties import JOB_HANDLERS, PERIODIC_DUTIES
from storefront.integrations.messages.console import ConsoleMessenger
from storefront.integrations.payments.sandbox import SandboxGateway
from storefront.integrations.signing import KeyRing
from storefront.integrations.transfers.sandbox import SandboxTransfers
from storefront.tables import every_table


def create_app(settings: Settings, *, clock: Clock | None = None) -> Flask:
    """Build the application; `clock` replaces the machine's for tests and replays."""
    app = Flask(__name__, static_folder=None, instance_path=str(settings.instance_folder.resolve()))
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=200,
    )
    app.session_interface = RareSessions()
    app.extensions["settings"] = settings
    app.extensions["clock"] = clock or SystemClock()
    app.extensions["gateway"] = SandboxGateway(
        settings.sandbox_gateway_secret, settings.public_base_url
    )
    # Play money is good for trying; where people are paid, it would be a lie.
    app.extensions["transfers"] = None if settings.in_production else SandboxTransfers()
    app.extensions["messenger"] = ConsoleMessenger()
    app.extensions["key_ring"] = KeyRing(
        bytes.fromhex(settings.signing_key), map(bytes.fromhex, settings.retired_signing_keys)
    )
    # For commands that serve a shop of their own; they must not import this module back.
    app.extensions["create_app"] = create_app
    app.extensions["job_handlers"] = JOB_HANDLERS
    app.extensions["periodic_duties"] = PERIODIC_DUTIES
    app.extensions["job_thread"] = JobThread(app, wanted=settings.jobs == "thread")
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)

    db.init_app(app)
    assert every_table() is db.metadata
    with app.app_context():
        prepare_engine(db.engine)
    paths.register(app)
    api.register(app)
    web.register(app)
    cli.register(app)
    return app


def _engine_options(settings: Settings) -> dict[str, object]:
    if settings.database_url.startswith("sqlite"):
        return {"pool_size": settings.database_pool_size + settings.database_pool_overflow}
    return {
        "pool_size": settings.database_pool_size,
        "max_overflow": settings.database_pool_overflow,
        "pool_timeout": settings.database_pool_timeout,
        "pool_pre_ping": True,
    }
