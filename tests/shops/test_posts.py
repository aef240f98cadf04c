"""What an employee writes in their shop."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.catalog import products
from storefront.core.database import db
from storefront.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Stale
from storefront.shops import listings, post_window, posts, service
from storefront.shops.models import Listing, Post, PostState, Shop
from storefront.staff.models import EmploymentState
from tests.support import cast
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
"""In China it is eleven in the morning."""


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang")


def names_in(post: Post) -> str:
    return "".join(each.product.name_en for each in post.named)


def shown_in(post: Post) -> str:
    return "".join(one.card.name.en for one in post_window.goods(post.shop_id, post.id))


def listed(shop: Shop, names: str) -> list[Listing]:
    return [cast.a_listing(shop, cast.a_product(name)) for name in names]


def publish(shop: Shop, *product_ids: str, now: datetime = NOW) -> Post:
    return posts.publish(shop.employee_id, title="T", words="W", products=product_ids, now=now)


def test_a_post_names_goods_of_the_shop_in_the_writers_order(shop: Shop) -> None:
    one, two, three = (listing.product.public_id for listing in listed(shop, "ABC"))
    post = publish(shop, three, one, two)
    assert names_in(post) == shown_in(post) == "CAB"
    assert (post.state, post.version, post.created_at) == (PostState.PUBLISHED, 1, NOW)
    assert post.public_id.startswith("pst_")


def test_only_what_the_shop_lists_and_the_chain_sells_can_be_named(shop: Shop) -> None:
    (listing,) = listed(shop, "A")
    elsewhere = cast.a_listing(cast.a_shop()).product.public_id
    hidden = cast.a_listing(shop).product.public_id
    products.hide(hidden)
    before = service.own_shop(shop.employee_id).version
    for wrong in (elsewhere, hidden, "prd_nothing"):
        with pytest.raises(Conflict, match="product_not_listed"):
            publish(shop, listing.product.public_id, wrong)
    assert service.own_shop(shop.employee_id).version == before
    assert posts.posts_of(shop.employee_id, None, 9) == []


def test_a_post_names_each_product_once_and_not_too_many(shop: Shop) -> None:
    one, two = (listing.product.public_id for listing in listed(shop, "AB"))
    with pytest.raises(Invalid, match="wrong_products"):
        publish(shop, one, one)
    with patch.object(posts, "MOST_PRODUCTS", 1), pytest.raises(Invalid, match="wrong_products"):
        publish(shop, one, two)


def test_what_leaves_the_shop_or_the_chain_is_not_shown_and_comes_back_with_it(
    shop: Shop,
) -> None:
    first, second = listed(shop, "AB")
    post = publish(shop, first.product.public_id, second.product.public_id)
    listings.take_off(shop.employee_id, first.public_id)
    assert shown_in(post) == "B"
    assert posts.on_show(shop.employee_id) == {second.product_id}
    products.hide(second.product.public_id)
    assert shown_in(post) == ""
    products.show(second.product.public_id)
    cast.a_listing(shop, first.product)
    assert shown_in(post) == names_in(posts.own_post(shop.employee_id, post.public_id)) == "AB"


def test_an_edit_may_keep_what_the_post_names_already(shop: Shop) -> None:
    gone, there = listed(shop, "AB")
    post = publish(shop, gone.product.public_id)
    listings.take_off(shop.employee_id, gone.public_id)
    both = [there.product.public_id, gone.product.public_id]
    edited = posts.edit(shop.employee_id, post.public_id, 1, products=both)
    assert (names_in(edited), edited.title, edited.version) == ("BA", "T", 2)
    emptied = posts.edit(shop.employee_id, post.public_id, 2, words="Other", products=[])
    assert (names_in(emptied), emptied.words, emptied.version) == ("", "Other", 3)
    with pytest.raises(Conflict, match="product_not_listed"):
        posts.edit(shop.employee_id, post.public_id, 3, products=[gone.product.public_id])


def test_an_edit_of_an_older_version_changes_nothing(shop: Shop) -> None:
    post = publish(shop)
    posts.edit(shop.employee_id, post.public_id, 1, title="Second")
    with pytest.raises(Stale):
        posts.edit(shop.employee_id, post.public_id, 1, title="Third")
    assert posts.own_post(shop.employee_id, post.public_id).title == "Second"


def test_what_was_taken_down_stays_down(shop: Shop) -> None:
    owner, post = shop.employee_id, publish(shop).public_id
    down = posts.take_down(owner, post)
    assert (down.state, down.version) == (PostState.TAKEN_DOWN, 2)
    version = service.own_shop(owner).version
    assert posts.take_down(owner, post).version == 2
    assert service.own_shop(owner).version == version
    with pytest.raises(Conflict, match="post_taken_down"):
        posts.edit(owner, post, 2, title="Back again")
    with pytest.raises(Conflict, match="post_taken_down"):
        posts.hang_picture(owner, post, None)
    assert post_window.newest(shop.id, 9) == []
    assert [each.public_id for each in posts.posts_of(owner, None, 9)] == [post]


CHANGES: list[Callable[[int, str], object]] = [
    lambda owner, post: posts.edit(owner, post, 1, title="New"),
    lambda owner, post: posts.hang_picture(owner, post, None),
    posts.take_down,
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_raises_the_shops_version_and_the_posts(
    shop: Shop, change: Callable[[int, str], object]
) -> None:
    before = service.own_shop(shop.employee_id).version
    post = publish(shop)
    assert service.own_shop(shop.employee_id).version == before + 1
    change(shop.employee_id, post.public_id)
    assert service.own_shop(shop.employee_id).version == before + 2
    assert posts.own_post(shop.employee_id, post.public_id).version == 2


@pytest.mark.parametrize("change", CHANGES)
def test_a_colleagues_post_is_out_of_reach(
    shop: Shop, change: Callable[[int, str], object]
) -> None:
    theirs = publish(cast.a_shop()).public_id
    with pytest.raises(NotFound, match="no_post"):
        change(shop.employee_id, theirs)
    with pytest.raises(NotFound, match="no_post"):
        posts.own_post(shop.employee_id, theirs)


def test_who_left_writes_nothing(shop: Shop) -> None:
    cast.leaves(shop.employee, EmploymentState.LEFT)
    with pytest.raises(Forbidden, match="employee_not_active"):
        publish(shop)


def test_a_day_of_the_chains_holds_ten_new_ones_even_if_they_were_taken_down(shop: Shop) -> None:
    for _ in range(10):
        posts.take_down(shop.employee_id, publish(shop).public_id)
    # Until 16:00 UTC it is the same day in China.
    with pytest.raises(Conflict, match="too_many_posts_today"):
        publish(shop, now=NOW + timedelta(hours=12, minutes=59))
    publish(shop, now=NOW + timedelta(hours=13))
    publish(cast.a_shop())


def test_a_shop_has_so_many_posts_until_one_is_taken_down(shop: Shop) -> None:
    with patch.object(posts, "MOST_POSTS", 2):
        first = publish(shop)
        publish(shop)
        with pytest.raises(Conflict, match="too_many_posts"):
            publish(shop)
        posts.take_down(shop.employee_id, first.public_id)
        publish(shop)


def outcomes(answers: list[object]) -> Counter[str]:
    return Counter(
        each.code if isinstance(each, DomainError) else type(each).__name__ for each in answers
    )


def test_many_posts_at_once_do_not_get_past_the_limit(app: Flask, shop: Shop) -> None:
    with patch.object(posts, "MOST_A_DAY", 2):
        answers = all_at_once(app, [lambda: publish(shop)] * 6)
    assert outcomes([*answers]) == {"Post": 2, "too_many_posts_today": 4}


@pytest.mark.postgresql_only
def test_without_the_hold_on_the_shop_they_would(app: Flask, shop: Shop) -> None:
    """The twin: whoever only reads the shop does not see what others have not committed yet.

    SQLite lets one transaction write at a time, whatever it holds.
    """
    all_counted = threading.Barrier(6)
    count = posts._require_room

    def count_together(shop: Shop, now: datetime) -> None:
        count(shop, now)
        all_counted.wait(timeout=10)

    with (
        patch.object(posts, "MOST_A_DAY", 2),
        patch.object(posts, "change", service.own_shop),
        patch.object(posts, "_require_room", count_together),
    ):
        answers = all_at_once(app, [lambda: publish(shop)] * 6)
    assert outcomes([*answers]) == {"Post": 6}


def test_of_two_edits_of_one_version_one_holds(app: Flask, shop: Shop) -> None:
    owner, post = shop.employee_id, publish(shop).public_id
    answers = all_at_once(
        app, [lambda title=title: posts.edit(owner, post, 1, title=title) for title in "ABCDEF"]
    )
    assert outcomes([*answers]) == {"Post": 1, "version_changed": 5}
    assert db.session.scalar(sa.select(Post.version)) == 2


def test_lists_come_the_latest_first_and_take_as_many_queries_for_many_as_for_few(
    shop: Shop,
) -> None:
    named = [listing.product.public_id for listing in listed(shop, "AB")]
    made = [publish(shop, *named[:1])]
    with recorded_queries() as few:
        posts.posts_of(shop.employee_id, None, 9)
    made += [publish(shop, *named) for _ in range(4)]
    with recorded_queries() as many:
        found = posts.posts_of(shop.employee_id, None, 9)
        assert [names_in(post) for post in found] == ["AB"] * 4 + ["A"]
    assert len(few) == len(many) == 3
    assert [post.id for post in posts.posts_of(shop.employee_id, made[2].id, 9)] == [
        made[1].id,
        made[0].id,
    ]


def test_a_list_shows_how_a_post_begins(shop: Shop) -> None:
    cast.a_post(shop, words="长" * 130)
    cast.a_post(shop, words="Short\n\nand  sweet.")
    short, long = post_window.newest(shop.id, 9)
    assert short.words == "Short and sweet."
    assert long.words == "长" * 100 + "…"
    assert post_window.newest(shop.id, 9, before=short.id) == [long]


def test_no_two_states_of_a_posts_page_have_the_same_version(shop: Shop) -> None:
    listing, other = listed(shop, "AB")
    product = listing.product.public_id
    owner, post = shop.employee_id, publish(shop, product).public_id
    versions = [post_window.glance("fang", post)]
    for change in (
        lambda: products.hide(product),
        lambda: products.show(product),
        lambda: listings.write_caption(owner, listing.public_id, "New words"),
        lambda: posts.edit(owner, post, 1, products=[product, other.product.public_id]),
        lambda: products.hide(other.product.public_id),
        lambda: posts.edit(owner, post, 2, title="Other"),
        lambda: posts.take_down(owner, post),
    ):
        change()
        with recorded_queries() as queries:
            versions.append(post_window.glance("fang", post))
        assert len(queries) == 1
    assert len({seen.version for seen in versions if seen}) == len(versions)
    assert [seen.is_published for seen in versions if seen] == [True] * 7 + [False]
    assert post_window.glance("nobody", post) is None
    unknown = post_window.glance("fang", "pst_nothing")
    assert unknown
    assert not unknown.is_known
