"""The address in the browser's bar carries the link's code: whoever it is passed on to is met."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront.catalog.models import Product
from storefront.core import clock
from storefront.core.database import db, transaction
from storefront.customers.visitors import COOKIE_NAME, visitor_of
from storefront.sharing import service as sharing
from storefront.sharing.models import ShareLink, Touch, TouchKind, Uncounted
from storefront.staff.models import OwnVisitor
from tests.support import cast
from tests.support.queries import recorded_queries
from tests.support.shopping import PHONE_BROWSER

BROWSER = {"User-Agent": PHONE_BROWSER, "Accept-Language": "en"}


@pytest.fixture
def link(app: Flask) -> ShareLink:
    return cast.a_link(cast.a_shop(handle="fang", title="芳的店"))


@pytest.fixture
def tea(link: ShareLink) -> Product:
    return cast.a_listing(link.shop).product


def kinds() -> list[tuple[TouchKind, Uncounted]]:
    db.session.rollback()
    return [
        (touch.kind, touch.uncounted)
        for touch in db.session.scalars(sa.select(Touch).order_by(Touch.id))
    ]


def come(client: FlaskClient, path: str, **headers: str):
    return client.get(path, headers={**BROWSER, **headers})


def test_whoever_came_by_the_link_reads_its_pages_without_being_met_again(
    client: FlaskClient, link: ShareLink, tea: Product
) -> None:
    there = come(client, f"/l/{link.code}").headers["Location"]
    assert come(client, there).status_code == 200
    assert come(client, f"/s/fang/p/{tea.public_id}/~{link.code}").status_code == 200
    assert kinds() == [(TouchKind.LINK, Uncounted.NO)]


@pytest.mark.parametrize("page", ["", "/p/{tea}"])
def test_a_friend_who_opens_the_address_is_met_through_a_reshare(
    app: Flask, link: ShareLink, tea: Product, page: str
) -> None:
    path = f"/s/fang{page.format(tea=tea.public_id)}/~{link.code}"
    friend = app.test_client()
    answer = come(friend, path)
    assert answer.status_code == 200
    assert friend.get_cookie(COOKIE_NAME) is not None
    assert "private" in answer.headers["Cache-Control"]
    assert kinds() == [(TouchKind.RESHARE, Uncounted.NO)]
    assert come(friend, path).status_code == 200
    assert len(kinds()) == 1
    touch = db.session.scalars(sa.select(Touch)).one()
    assert (touch.employee_id, touch.link_id) == (link.employee_id, link.id)


def test_a_chain_of_friends_can_be_counted(app: Flask, link: ShareLink) -> None:
    there = come(app.test_client(), f"/l/{link.code}").headers["Location"]
    for _ in range(3):
        come(app.test_client(), there)
    assert [kind for kind, _ in kinds()] == [TouchKind.LINK] + [TouchKind.RESHARE] * 3


def test_every_address_on_the_page_keeps_the_code(
    app: Flask, link: ShareLink, tea: Product
) -> None:
    code, base = link.code, app.extensions["settings"].public_base_url
    shop = come(app.test_client(), f"/s/fang/~{code}").text
    assert f'href="/s/fang/p/{tea.public_id}/~{code}"' in shop
    assert f'property="og:url" content="{base}/s/fang/~{code}"' in shop
    page = come(app.test_client(), f"/s/fang/p/{tea.public_id}/~{code}").text
    assert f'href="/s/fang/~{code}"' in page
    assert f'content="{base}/s/fang/p/{tea.public_id}/~{code}"' in page
    assert f'name="back" value="/s/fang/p/{tea.public_id}/~{code}"' in page
    # Search engines know the page under one address.
    assert f'rel="canonical" href="{base}/s/fang/p/{tea.public_id}"' in page


def test_two_links_share_a_kept_page_and_each_has_its_own_etag(
    app: Flask, link: ShareLink, tea: Product
) -> None:
    other = cast.a_link(link.shop, tea)
    client = app.test_client()
    pages = []
    for code in (link.code, other.code):
        path = f"/s/fang/p/{tea.public_id}/~{code}"
        come(client, path)
        with recorded_queries() as queries:
            answer = come(client, path)
        assert len(queries) == 2, "whether the visitor was met, and whether the page stands"
        tag = answer.headers["ETag"]
        assert come(client, path, **{"If-None-Match": tag}).status_code == 304
        pages.append((tag, answer.text.replace(code, "…")))
    assert pages[0][0] != pages[1][0]
    assert pages[0][1] == pages[1][1]


def test_a_code_that_was_taken_back_leaves_the_page_and_credits_nobody(
    app: Flask, link: ShareLink, tea: Product
) -> None:
    with transaction():
        sharing.revoke_link(link.employee_id, link.public_id, clock.now())
    for code in (link.code, "madeup", "0code0", "x" * 99):
        answer = come(app.test_client(), f"/s/fang/p/{tea.public_id}/~{code}")
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            f"/s/fang/p/{tea.public_id}",
        )
    assert kinds() == []


def test_what_stands_beside_a_made_up_code_goes_back_as_an_address(app: Flask) -> None:
    answer = come(app.test_client(), "/s/%E8%8A%B3%20X:1/~madeup")
    assert answer.status_code == 303
    # As it goes over the wire: a server takes nothing but Latin letters there.
    assert dict(answer.headers)["Location"] == "/s/%E8%8A%B3%20X%3A1"


def test_a_code_in_front_of_another_shops_door_leads_to_its_own(
    app: Flask, link: ShareLink, tea: Product
) -> None:
    other = cast.a_link(cast.a_shop(handle="abo"))
    answer = come(app.test_client(), f"/s/fang/p/{tea.public_id}/~{other.code}")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/abo/~{other.code}")


def test_a_crawler_reads_the_page_and_is_kept_as_one(app: Flask, link: ShareLink) -> None:
    crawler = app.test_client()
    answer = come(crawler, f"/s/fang/~{link.code}", **{"User-Agent": "WhatsApp/2.23.20.0"})
    assert answer.status_code == 200
    assert 'property="og:title"' in answer.text
    assert crawler.get_cookie(COOKIE_NAME) is None
    assert kinds() == [(TouchKind.RESHARE, Uncounted.CRAWLER)]


def test_the_employees_own_browser_does_not_count(app: Flask, link: ShareLink) -> None:
    client = app.test_client()
    come(client, f"/s/fang/~{link.code}")
    cookie = client.get_cookie(COOKIE_NAME)
    assert cookie is not None
    visitor = visitor_of(cookie.value, app.extensions["settings"].visitor_secret)
    employee_id = link.employee_id
    other = cast.a_link(link.shop)
    code = other.code
    with transaction() as session:
        session.add(OwnVisitor(visitor_id=visitor, employee_id=employee_id, at=clock.now()))
    come(client, f"/s/fang/~{code}")
    assert kinds()[-1] == (TouchKind.RESHARE, Uncounted.OWN_VISIT)
