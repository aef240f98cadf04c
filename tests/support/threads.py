"""Many people at once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import Flask

from storefront.core import hot
from storefront.core.database import db

Answer = TypeVar("Answer")


def all_at_once(app: Flask, deeds: Sequence[Callable[[], Answer]]) -> list[Answer | Exception]:
    """Do every deed in a thread and application context of its own, all released together.

    Gives back, in the order of the deeds, what each returned or raised. The calling test must not
    have a transaction open that they would wait for. More deeds than the application has database
    connections want `@pytest.mark.own_app(database_pool_size=…)`.
    """
    gate = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Answer]) -> Answer | Exception:
        with app.app_context():
            gate.wait()
            try:
                return deed()
            except Exception as error:
                return error
            finally:
                hot.close_connections()

    db.session.rollback()
    with ThreadPoolExecutor(len(deeds)) as threads:
        answers = list(threads.map(run, deeds))
    db.session.expire_all()
    return answers
