"""What happens to whoever follows a shared link."""

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from storefront.core import clock
from storefront.core.database import db, transaction
from storefront.core.imaging import encode
from storefront.core.pictures import Picture, keep_encoded
from storefront.customers.visitors import COOKIE_NAME, cookie_value, visitor_of
from storefront.sharing import service as sharing
from storefront.sharing.models import ShareLink, Touch, TouchKind, Uncounted
from storefront.shops import service as shops
from storefront.staff.models import EmploymentState, OwnVisitor
from tests.support import cast
from tests.support.queries import recorded_queries
from tests.support.shopping import PHONE_BROWSER

FETCHER = "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"


def follow(
    client: FlaskClient,
    link: ShareLink | str,
    user_agent: str = PHONE_BROWSER,
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    **given: Any,
) -> TestResponse:
    code = link if isinstance(link, str) else link.code
    sent = {"User-Agent": user_agent, **(headers or {})}
    return client.open(f"/l/{code}", method=method, headers=sent, **given)


def touches() -> list[Touch]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Touch).order_by(Touch.id)))


def secret_of(app: Flask) -> str:
    return app.extensions["settings"].visitor_secret


def cookie_of(client: FlaskClient) -> str | None:
    cookie = client.get_cookie(COOKIE_NAME)
    return cookie.value if cookie else None


@pytest.fixture
def link(app: Flask) -> ShareLink:
    """A link to the shop at /s/fang."""
    return cast.a_link(cast.a_shop(handle="fang", title="芳的店", words="欢迎光临"))


# People


def test_a_person_is_sent_to_the_shop_and_their_visit_counts(
    client: FlaskClient, link: ShareLink
) -> None:
    answer = follow(client, link)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/fang/~{link.code}")
    assert answer.headers["Cache-Control"] == "no-store"
    (touch,) = touches()
    assert (touch.uncounted, touch.landing, touch.at) == (Uncounted.NO, "/s/fang", clock.now())


def test_a_link_to_a_product_leads_to_its_page_in_the_shop(
    client: FlaskClient, link: ShareLink
) -> None:
    product = cast.a_listing(link.shop).product
    of_product = cast.a_link(link.shop, product)
    answer = follow(client, of_product)
    assert answer.headers["Location"] == f"/s/fang/p/{product.public_id}/~{of_product.code}"


def test_the_first_visit_and_every_later_one_take_one_statement(
    client: FlaskClient, link: ShareLink
) -> None:
    code = link.code
    for _ in range(2):
        with recorded_queries() as queries:
            follow(client, code)
        assert len(queries) == 1
        assert queries[0].startswith("INSERT INTO touches")


def test_a_new_visitor_gets_a_cookie_that_scripts_cannot_read(
    app: Flask, client: FlaskClient, link: ShareLink
) -> None:
    answer = follow(client, link)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("visitor=")
    for attribute in ("HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={400 * 24 * 3600}"):
        assert attribute in cookie
    assert "Secure" not in cookie
    assert visitor_of(cookie_of(client), secret_of(app)) == touches()[0].visitor_id


@pytest.mark.own_app(public_base_url="https://shop.test")
def test_on_https_the_cookie_is_never_sent_in_the_open(
    client: FlaskClient, link: ShareLink
) -> None:
    assert "Secure" in follow(client, link).headers["Set-Cookie"]


def test_whoever_comes_again_is_the_same_visitor(client: FlaskClient, link: ShareLink) -> None:
    follow(client, link)
    assert "Set-Cookie" not in follow(client, link).headers
    first, second = touches()
    assert first.visitor_id == second.visitor_id != ""


@pytest.mark.parametrize(
    "forged", ["li-lei", "li-lei.", "li-lei.AAAAAAAAAAAAAAAAAAAAAA", ".", "", "x" * 5_000, "é.é"]
)
def test_with_a_forged_cookie_somebody_is_a_new_visitor(
    app: Flask, client: FlaskClient, link: ShareLink, forged: str
) -> None:
    answer = follow(client, link, headers={"Cookie": f"{COOKIE_NAME}={forged}"})
    assert answer.status_code == 303
    assert "Set-Cookie" in answer.headers
    assert touches()[0].visitor_id not in {"li-lei", ""}


def test_an_employees_own_visit_is_kept_and_does_not_count(
    app: Flask, client: FlaskClient, link: ShareLink
) -> None:
    with transaction() as session:
        session.add(OwnVisitor(visitor_id="me", employee_id=link.employee_id, at=clock.now()))
    client.set_cookie(COOKIE_NAME, cookie_value("me", secret_of(app)))
    assert follow(client, link).status_code == 303
    assert [touch.uncounted for touch in touches()] == [Uncounted.OWN_VISIT]


def test_what_networks_hang_on_the_address_is_ignored(client: FlaskClient, link: ShareLink) -> None:
    noise = {"from": "singlemessage", "isappinstalled": "0", "fbclid": "IwAR0"}
    answer = follow(client, link, query_string=noise)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/fang/~{link.code}")


def test_no_address_of_the_visitor_is_kept(client: FlaskClient, link: ShareLink) -> None:
    follow(
        client,
        link,
        headers={
            "X-Forwarded-For": "203.0.113.7",
            "Referer": "https://chat.example/room?u=lilei#1",
        },
        environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
    )
    (touch,) = touches()
    assert touch.referrer == "https://chat.example/room"
    columns = [str(value) for value in vars(touch).values()]
    assert not any("203.0.113.7" in value for value in columns)


# Who does not count


def test_a_head_request_is_sent_on_and_does_not_count(client: FlaskClient, link: ShareLink) -> None:
    answer = follow(client, link, method="HEAD")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/s/fang/~{link.code}")
    assert answer.data == b""
    assert [touch.uncounted for touch in touches()] == [Uncounted.HEAD]


def test_an_old_client_gets_a_redirect_that_it_knows(client: FlaskClient, link: ShareLink) -> None:
    answer = follow(client, link, environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/s/fang/~{link.code}")
    assert [touch.uncounted for touch in touches()] == [Uncounted.NO]


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"}],
)
def test_a_prefetch_is_sent_on_and_does_not_count(
    client: FlaskClient, link: ShareLink, headers: dict[str, str]
) -> None:
    assert follow(client, link, headers=headers).status_code == 303
    assert [touch.uncounted for touch in touches()] == [Uncounted.PREFETCH]


def test_a_crawler_is_kept_without_a_name_and_gets_no_cookie(
    client: FlaskClient, link: ShareLink
) -> None:
    answer = follow(client, link, FETCHER)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    (touch,) = touches()
    assert (touch.uncounted, touch.visitor_id) == (Uncounted.CRAWLER, "")


def test_headers_that_nobody_sends_do_no_harm(client: FlaskClient, link: ShareLink) -> None:
    odd = {"Referer": "javascript:alert(1)//" + "x" * 5_000, "Cookie": "; ;=;visitor", "Range": "x"}
    assert follow(client, link, "\xff" * 5_000, headers=odd).status_code == 303
    assert follow(client, link, "", headers={"Accept-Language": "*;q=x"}).status_code == 303
    assert all(len(touch.user_agent) <= 300 for touch in touches())
    assert all(len(touch.referrer) <= 200 for touch in touches())


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_link_can_only_be_followed(client: FlaskClient, link: ShareLink, method: str) -> None:
    assert follow(client, link, method=method).status_code == 405
    assert touches() == []


# Nowhere


@pytest.mark.parametrize("code", ["nothing", "%E8%8A%B3", "x" * 3_000, "a%20b", "a'--"])
def test_an_unknown_code_is_a_friendly_404(client: FlaskClient, link: ShareLink, code: str) -> None:
    answer = follow(client, code)
    assert answer.status_code == 404
    assert 'href="/"' in answer.text
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert touches() == []


@pytest.mark.parametrize("code", ["%00", "a%00", "%0d%0aSet-Cookie:a=b", "a%0d%0aLocation:b"])
def test_a_code_with_control_characters_is_not_found(
    client: FlaskClient, link: ShareLink, code: str
) -> None:
    answer = follow(client, code)
    assert answer.status_code == 404
    assert {"Location", "Set-Cookie"}.isdisjoint(answer.headers.keys())


def test_a_revoked_link_is_a_friendly_410(client: FlaskClient, link: ShareLink) -> None:
    sharing.revoke_link(link.employee_id, link.public_id, clock.now())
    answer = follow(client, link)
    assert answer.status_code == 410
    assert "这个链接已失效" in answer.text
    assert 'href="/"' in answer.text
    assert touches() == []


def test_a_closed_shop_is_a_friendly_410(client: FlaskClient, link: ShareLink) -> None:
    shops.close(link.employee_id, clock.now())
    answer = follow(client, link, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert answer.status_code == 410
    assert "This shop is closed" in answer.text
    assert '<html lang="en">' in answer.text
    assert follow(client, link, FETCHER).status_code == 410


@pytest.mark.parametrize("state", [EmploymentState.SUSPENDED, EmploymentState.LEFT])
def test_the_link_of_somebody_who_went_is_gone(
    client: FlaskClient, link: ShareLink, state: EmploymentState
) -> None:
    cast.leaves(link.shop.employee, state)
    assert follow(client, link).status_code == 410
    assert touches() == []


@pytest.mark.parametrize(
    "attempt",
    [
        "/l//evil.example",
        "/l/\\evil.example",
        "/l/%5Cevil.example",
        "/l/https:%2F%2Fevil.example",
        "/l/javascript:alert(1)",
        "/l/..%2F..%2Fevil",
        "//evil.example/l/x",
    ],
)
def test_no_address_leads_to_another_host(
    client: FlaskClient, link: ShareLink, attempt: str
) -> None:
    answer = client.get(attempt, headers={"User-Agent": PHONE_BROWSER})
    assert answer.status_code in {404, 308}
    assert "evil.example" not in answer.headers.get("Location", "").partition("/l/")[0]


def test_what_the_client_calls_the_host_goes_nowhere(client: FlaskClient, link: ShareLink) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    answer = follow(
        client,
        link,
        headers=forged,
        query_string={"next": "//evil.example", "url": "//evil.example"},
    )
    assert answer.headers["Location"] == f"/s/fang/~{link.code}"
    assert "evil.example" not in follow(client, link, FETCHER, headers=forged).text


# What crawlers see


def a_picture() -> Picture:
    return keep_encoded(encode(Image.new("RGB", (1200, 630), "teal")))


def test_a_crawler_sees_the_product_its_price_and_what_the_seller_says(
    client: FlaskClient, link: ShareLink
) -> None:
    product = cast.a_product("Teapot", price=12_950, name_zh="茶壶")
    picture = a_picture()
    with transaction():
        product.picture_id = picture.id
    cast.a_listing(link.shop, product, caption='我自己"每天"都用 <3')
    shared = cast.a_link(link.shop, product)
    page = follow(client, shared, FETCHER).text
    image = f"http://shop.test/pictures/{picture.public_id}-1200.jpg"
    card = next(iter(re.findall(r'og:image" content="http://shop.test(/previews/[^"]+)"', page)))
    for tag in (
        '<meta property="og:type" content="product">',
        '<meta property="og:site_name" content="苇汀百货">',
        '<meta property="og:title" content="茶壶">',
        f'<meta property="og:url" content="http://shop.test/l/{shared.code}">',
        f'<meta property="og:image" content="http://shop.test{card}">',
        '<meta property="og:image:width" content="1200">',
        '<meta property="og:image:height" content="630">',
        '<meta property="product:price:amount" content="129.50">',
        '<meta property="product:price:currency" content="CNY">',
        '<meta name="twitter:card" content="summary_large_image">',
        f'<meta name="twitter:image" content="http://shop.test{card}">',
        '<meta itemprop="name" content="茶壶">',
        f'<meta itemprop="image" content="{image}">',
    ):
        assert tag in page
    description = "¥129.50 · 我自己&#34;每天&#34;都用 &lt;3 · 苇汀百货"
    assert f'<meta property="og:description" content="{description}">' in page
    assert f'<meta itemprop="description" content="{description}">' in page
    assert client.get(image).content_type == "image/jpeg"
    drawn = client.get(card)
    assert (drawn.status_code, drawn.content_type) == (200, "image/jpeg")
    # The page itself shows the same card: whichever of the two was read, it was made once.
    assert card in client.get(f"/s/fang/p/{product.public_id}").text
    assert f'href="/s/fang/p/{product.public_id}"' in page


def test_a_crawler_that_asks_for_english_gets_it(client: FlaskClient, link: ShareLink) -> None:
    product = cast.a_product(
        "Teapot", price=1_000, more_prices=(2_000,), words_en="Holds\n a litre."
    )
    cast.a_listing(link.shop, product)
    shared = cast.a_link(link.shop, product)
    page = follow(client, shared, FETCHER, headers={"Accept-Language": "en-US"}).text
    assert '<html lang="en"' in page
    assert '<meta property="og:title" content="Teapot">' in page
    assert 'content="from CN¥10.00 · Holds a litre. · Reedbank"' in page
    assert '<meta property="product:price:amount" content="10.00">' in page


def test_a_crawler_sees_the_shop_with_its_own_picture_or_that_of_its_first_product(
    client: FlaskClient, link: ShareLink
) -> None:
    page = follow(client, link, FETCHER).text
    assert '<meta property="og:type" content="website">' in page
    assert '<meta property="og:title" content="芳的店">' in page
    assert 'content="欢迎光临 · 苇汀百货"' in page
    assert "og:image" not in page
    assert "product:price" not in page
    picture = a_picture()
    shown = f'<meta property="og:image" content="http://shop.test/pictures/{picture.public_id}-1200'
    product = cast.a_product(picture_id=picture.id)
    cast.a_listing(link.shop, product)
    assert shown in follow(client, link, FETCHER).text
    with transaction():
        product.picture_id = None
    assert shown not in follow(client, link, FETCHER).text
    shops.hang_picture(link.employee_id, picture)
    assert shown in follow(client, link, FETCHER).text


def test_a_long_speech_is_cut_for_crawlers(client: FlaskClient, app: Flask) -> None:
    link = cast.a_link(cast.a_shop(words="好" * 2_000))
    page = follow(client, link, FETCHER).text
    assert "好" * 200 in page
    assert "好" * 201 not in page


def test_a_visit_outlives_the_application(app: Flask, client: FlaskClient, link: ShareLink) -> None:
    """The touch is committed before the redirect goes out, whatever happens to the rest."""
    code = link.code
    with (
        patch("storefront.web.shared_links.ReadyResponse", side_effect=RuntimeError("killed")),
        pytest.raises(RuntimeError, match="killed"),
    ):
        follow(client, code)
    assert len(touches()) == 1


def test_a_touch_carries_the_servers_time(app: Flask, client: FlaskClient, link: ShareLink) -> None:
    moved = app.extensions["clock"].advance(timedelta(days=3))
    follow(client, link, headers={"Date": "Mon, 01 Jan 2001 00:00:00 GMT"})
    assert touches()[0].at == moved


@pytest.mark.parametrize(
    ("door", "kind"),
    [("l", TouchKind.LINK), ("q", TouchKind.QR), ("r", TouchKind.RESHARE)],
)
def test_each_door_to_a_link_is_kept_as_what_it_is(
    client: FlaskClient, link: ShareLink, door: str, kind: TouchKind
) -> None:
    answer = client.get(f"/{door}/{link.code}", headers={"User-Agent": PHONE_BROWSER})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/s/fang/~{link.code}")
    assert [(touch.kind, touch.uncounted) for touch in touches()] == [(kind, Uncounted.NO)]
    assert client.get(f"/{door}/never2was").status_code == 404


def test_a_page_passed_on_within_the_same_visit_is_a_meeting_of_its_own(
    client: FlaskClient, link: ShareLink
) -> None:
    for door in ("l", "r", "r"):
        client.get(f"/{door}/{link.code}", headers={"User-Agent": PHONE_BROWSER})
    assert [touch.uncounted for touch in touches()] == [
        Uncounted.NO,
        Uncounted.NO,
        Uncounted.DUPLICATE,
    ]
