"""The demo chain: who is in it and what it sells."""

from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest

from storefront.cli.demo.chain import make_chain
from storefront.cli.demo.content import Chain, EmploymentState, Product, Role, Words
from storefront.cli.demo.drawing.things import THINGS
from storefront.cli.demo.writing import caption, headings, post_words, shop_words

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def chain() -> Chain:
    return make_chain(Random(7))


def _both(words: Words) -> bool:
    return bool(_CHINESE.search(words.zh)) and bool(words.en) and not _CHINESE.search(words.en)


def test_the_same_seed_gives_the_same_chain(chain: Chain) -> None:
    assert make_chain(Random(7)) == chain


def test_another_seed_gives_other_people_and_the_same_goods(chain: Chain) -> None:
    other = make_chain(Random(8))
    assert [person.name for person in other.employees] != [
        person.name for person in chain.employees
    ]
    assert [product.code for product in other.products] == [
        product.code for product in chain.products
    ]


def test_the_chain_has_the_size_that_was_promised(chain: Chain) -> None:
    leaves = [category for category in chain.categories if category.parent]
    assert len(chain.regions) == 4
    assert len(chain.stores) == 12
    assert len(leaves) == 12
    assert len(chain.brands) == 16
    assert len(chain.products) == 80
    assert len(chain.employees) == 150


def test_every_code_leads_somewhere(chain: Chain) -> None:
    leaves = {category.code for category in chain.categories if category.parent}
    roots = {category.code for category in chain.categories if not category.parent}
    assert {category.parent for category in chain.categories if category.parent} == roots
    assert {product.category for product in chain.products} == leaves
    assert {product.brand for product in chain.products} == {brand.code for brand in chain.brands}
    assert {store.region for store in chain.stores} == {region.code for region in chain.regions}


def test_roles_are_shared_out_as_in_a_real_chain(chain: Chain) -> None:
    assert Counter(person.role for person in chain.employees) == {
        Role.HQ_ADMIN: 1,
        Role.HQ_FINANCE: 2,
        Role.HQ_OPERATIONS: 3,
        Role.REGION_MANAGER: 4,
        Role.STORE_MANAGER: 12,
        Role.EMPLOYEE: 128,
    }


def test_every_region_and_store_has_its_manager_and_every_store_its_staff(chain: Chain) -> None:
    stores = [store.code for store in chain.stores]
    managers = [person for person in chain.employees if person.role is Role.STORE_MANAGER]
    leaders = [person for person in chain.employees if person.role is Role.REGION_MANAGER]
    staff = {person.store for person in chain.employees if person.role is Role.EMPLOYEE}
    assert [person.store for person in managers] == stores
    assert [person.region for person in leaders] == [region.code for region in chain.regions]
    assert staff == set(stores)


def test_most_are_active_and_only_sales_staff_are_anything_else(chain: Chain) -> None:
    states = Counter(person.state for person in chain.employees)
    assert set(states) == set(EmploymentState)
    assert states[EmploymentState.ACTIVE] == 136
    assert {
        person.role for person in chain.employees if person.state is not EmploymentState.ACTIVE
    } == {Role.EMPLOYEE}


def test_nobody_shares_a_number_a_name_a_phone_or_a_handle(chain: Chain) -> None:
    for of in ("number", "phone", "handle"):
        assert len({getattr(person, of) for person in chain.employees}) == 150
    assert len({person.name.zh for person in chain.employees}) == 150


def test_handles_fit_into_an_address(chain: Chain) -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", person.handle) for person in chain.employees)


def test_phone_numbers_have_eleven_digits_after_the_country(chain: Chain) -> None:
    assert all(re.fullmatch(r"\+861[3-9]\d{9}", person.phone) for person in chain.employees)


def test_every_product_speaks_both_languages(chain: Chain) -> None:
    for product in chain.products:
        assert _both(product.name), product.code
        assert _both(product.description), product.code
        assert _both(product.material), product.code
        for variant in product.variants:
            assert all(option.name.zh and option.name.en for option in variant.options)


def test_descriptions_are_two_or_three_sentences(chain: Chain) -> None:
    for product in chain.products:
        assert product.description.zh.count("。") in {2, 3}, product.code
        assert len(re.findall(r"\.(?: |$)", product.description.en)) in {2, 3}, product.code


def test_every_product_has_one_to_six_variants(chain: Chain) -> None:
    assert all(1 <= len(product.variants) <= 6 for product in chain.products)


def test_skus_are_unique_and_begin_with_the_product_code(chain: Chain) -> None:
    skus = [variant.sku for product in chain.products for variant in product.variants]
    assert len(set(skus)) == len(skus)
    for product in chain.products:
        assert all(variant.sku.split("-")[0] == product.code for variant in product.variants)
    assert all(re.fullmatch(r"[A-Z0-9-]{4,20}", sku) for sku in skus)


def test_prices_are_believable(chain: Chain) -> None:
    prices = [variant.price for product in chain.products for variant in product.variants]
    assert all(5_000 <= price <= 300_000 and price % 100 == 0 for price in prices)


def test_variants_that_look_alike_share_a_picture(chain: Chain) -> None:
    coat = next(product for product in chain.products if product.code == "CT01")
    assert [variant.picture for variant in coat.pictured()] == ["ct01-khaki", "ct01-navy"]
    names = [variant.picture for product in chain.products for variant in product.pictured()]
    assert len(set(names)) == len(names)


def test_every_product_can_be_drawn_and_no_drawing_is_left_over(chain: Chain) -> None:
    assert {product.motif for product in chain.products} == set(THINGS)


def test_names_of_places_and_brands_are_in_both_languages(chain: Chain) -> None:
    named = (*chain.regions, *chain.stores, *chain.categories, *chain.brands)
    assert all(_both(thing.name) for thing in named)
    assert all(_both(reason.name) for reason in chain.return_reasons)


def _product(chain: Chain, code: str) -> Product:
    return next(product for product in chain.products if product.code == code)


def test_captions_name_the_product_and_are_in_both_languages(chain: Chain) -> None:
    random = Random(1)
    for product in chain.products:
        said = [caption(random, product) for _ in range(20)]
        assert all(_both(words) for words in said)
        assert not any("{" in words.zh + words.en for words in said)
    mug = _product(chain, "TK03")
    assert any("窑变马克杯" in caption(random, mug).zh for _ in range(50))


def test_a_caption_about_wheels_is_said_of_suitcases_only(chain: Chain) -> None:
    random = Random(1)
    umbrella = _product(chain, "TR04")
    assert not any("轮子" in caption(random, umbrella).zh for _ in range(200))


def test_a_shop_has_words_and_different_picks(chain: Chain) -> None:
    seller = chain.employees[60]
    shop = shop_words(Random(2), seller, chain.products)
    codes = [pick.product for pick in shop.picks]
    assert shop.handle == seller.handle
    assert seller.name.given.zh in shop.title.zh
    assert _both(shop.words)
    assert 8 <= len(codes) <= 24
    assert len(set(codes)) == len(codes)


def test_posts_share_goods_that_exist(chain: Chain) -> None:
    codes = {product.code for product in chain.products}
    posts = post_words(Random(1), codes, most=40)
    assert len(posts) == len({post.title for post in posts}) == 13
    assert all(_both(post.title) and _both(post.words) for post in posts)
    assert all(set(post.products) <= codes for post in posts)


def test_posts_of_a_shop_share_its_own_goods(chain: Chain) -> None:
    picks = {"BB03", "BB05", "BB06", "TK04", "TK05"}
    posts = post_words(Random(1), picks, most=40)
    assert len(posts) > 2
    assert all(2 <= len(post.products) <= 4 and picks.issuperset(post.products) for post in posts)
    assert post_words(Random(1), picks, most=1) == posts[:1]
    assert post_words(Random(1), {"BB03"}, most=40) == ()


def test_headings_are_for_three_goods_and_more(chain: Chain) -> None:
    goods = {product.code: product for product in chain.products}
    picked = [goods[code] for code in ("CT01", "SK01", "TP02", "BG01", "SH01", "SK02")]
    (heading,) = headings(picked)
    assert _both(heading.title)
    assert heading.products == ("CT01", "TP02", "SH01")
