"""Cards that were drawn, and how long they are kept."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from storefront.core import clock, preview_pictures
from storefront.core.clock import SettableClock
from storefront.core.database import transaction
from storefront.core.preview_pictures import KEPT, PreviewPicture
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once


def test_a_card_is_found_by_its_digest_with_one_query(app: Flask) -> None:
    preview_pictures.keep("aa", b"a card", clock.now())
    with recorded_queries() as queries:
        assert preview_pictures.find("aa") == b"a card"
    assert len(queries) == 1
    assert preview_pictures.find("ab") is None


def test_what_was_made_by_two_at_once_is_kept_once(app: Flask) -> None:
    def keep() -> None:
        preview_pictures.keep("aa", b"a card", clock.now())

    assert all_at_once(app, [keep] * 4) == [None] * 4
    assert preview_pictures.find("aa") == b"a card"


def test_a_careless_twin_would_fail_for_all_but_one(app: Flask) -> None:
    def keep_carelessly() -> None:
        row = {"digest": "aa", "content": b"a card", "made_at": clock.now()}
        with transaction() as session:
            session.execute(sa.insert(PreviewPicture), row)

    answers = all_at_once(app, [keep_carelessly] * 4)
    assert answers.count(None) == 1
    assert sum(isinstance(each, IntegrityError) for each in answers) == 3


def test_cards_of_long_ago_are_dropped(app: Flask, clock: SettableClock) -> None:
    preview_pictures.keep("old", b"old", clock.now())
    clock.advance(timedelta(days=1))
    preview_pictures.keep("new", b"new", clock.now())
    clock.advance(KEPT - timedelta(hours=1))
    preview_pictures.forget_old(clock.now())
    assert preview_pictures.find("old") is None
    assert preview_pictures.find("new") == b"new"


def test_dropping_them_is_a_duty_of_its_own(app: Flask) -> None:
    duties = app.extensions["periodic_duties"].values()
    assert preview_pictures.forget_old in [duty for _, duty in duties]
