"""Checking out as a guest: one page, three fields, an order.

The cart is what makes the form harmless to send twice: a cart becomes an order once, and whoever
sends it again is led to that order.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from flask import Blueprint, Response, request

from storefront import sales, visiting
from storefront.catalog import locations
from storefront.core import clock
from storefront.core.errors import Conflict, Invalid
from storefront.core.phones import readable
from storefront.core.settings import settings
from storefront.customers import sign_in
from storefront.customers.service import phone_number
from storefront.integrations.running import gateway
from storefront.orders import carts, handling, history
from storefront.orders.carts import CartView
from storefront.orders.history import Place
from storefront.orders.models import Fulfilment
from storefront.orders.placing import Contact
from storefront.web import formats, pages
from storefront.web.forms import sent
from storefront.web.language import chosen_language
from storefront.web.phrases import Speaker
from storefront.web.shopper import couponing
from storefront.web.shopper.cart import came_from, line_name, with_looks, with_shop
from storefront.web.shopper.choosing import pieces_of

blueprint = Blueprint("checkout", __name__)
blueprint.before_request(visiting.refuse_foreign_pages)


@dataclass(frozen=True, slots=True)
class Longest:
    """Characters of each field."""

    name: int = 80
    phone: int = 32
    address: int = 400
    note: int = 400


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields as they were typed."""

    name: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""
    fulfilment: str = ""
    point: str = ""
    """Code of the pick-up point that was chosen."""

    @property
    def is_collected(self) -> bool:
        """Whether they mean to come for it; without a word it is sent."""
        return self.fulfilment == Fulfilment.PICK_UP


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to be mended: where, in words, and what a button can do about it."""

    anchor: str
    words: str
    fix: str = ""
    """The variant and its new quantity, as the form sends them."""
    fix_words: str = ""


MOST = Longest()
NOTHING_YET = Typed()
NEEDED = ("name", "phone", "address")


@blueprint.get("/checkout")
def show() -> Response:
    """The form."""
    visitor = visiting.known_visitor()
    cart = carts.current(visitor) if visitor else None
    if visitor is None or cart is None or not cart.lines:
        return pages.see_other("/cart")
    places = _places_of(visitor)
    return _shown(cart, _typed_before(places), _off_sale(cart), places=places)


def _places_of(visitor: str) -> list[Place]:
    """Where the customer's orders went before, if this browser's user has proved to be them."""
    customer_id = sign_in.signed_in(visitor, clock.now())
    return history.places_of(customer_id) if customer_id is not None else []


def _typed_before(places: list[Place]) -> Typed:
    """The fields filled in with the place that the address asks for, or the latest."""
    asked = pieces_of(request.args.get("place", "0"), least=0) or 0
    if not places:
        return NOTHING_YET
    place = places[asked] if asked < len(places) else places[0]
    return Typed(place.name, readable(place.phone), place.address)


@blueprint.post("/checkout")
def place() -> Response:
    """Order what is in the cart, and go to the order's page to pay."""
    visitor = visiting.known_visitor() or ""
    cart_id = sent("cart")
    typed = _typed()
    if "adjust" in request.form:
        return _adjusted(cart_id, visitor, typed)
    if couponing.is_asked():
        return _with_coupon(cart_id, visitor, typed)
    say = Speaker(chosen_language())
    problems = _wrong_fields(typed, say) + _wrong_point(typed, say)
    if problems:
        return _shown_again(cart_id, visitor, typed, problems, 422)
    contact = Contact(
        visitor_id=visitor,
        name=typed.name,
        phone=phone_number(typed.phone),
        address=typed.address,
        note=typed.note,
        language=say.language,
        pick_up=typed.point if typed.is_collected else "",
    )
    try:
        couponing.leave_out(cart_id, visitor)
        order = sales.place(
            cart_id, contact, gateway(), clock.now(), expected_total=_expected_total()
        )
    except Conflict as conflict:
        return _refused(conflict, cart_id, visitor, typed)
    return pages.see_other(f"/o/{order.secret}")


def _typed() -> Typed:
    return Typed(
        **{
            field: request.form.get(field, "").replace("\r\n", "\n").strip()
            for field in asdict(NOTHING_YET)
        }
    )


def _expected_total() -> int:
    """What the customer saw. A form that does not say gets a total that nothing costs."""
    text = sent("expected_total")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def _wrong_fields(typed: Typed, say: Speaker) -> list[Problem]:
    longest, problems = asdict(MOST), list[Problem]()
    given = asdict(typed)
    # Whoever collects it need not say where they live; what they typed there is left alone.
    fields = [field for field in longest if field != "address" or not typed.is_collected]
    for field in fields:
        text, key = given[field], ""
        if field in NEEDED and not text:
            key = "missing"
        elif field == "phone":
            key = "" if _is_phone(text) else "wrong"
        elif len(text) > longest[field]:
            key = "long"
        elif not all(character.isprintable() or character in "\n\t" for character in text):
            key = "strange"
        if key:
            problems.append(Problem(field, say(f"checkout.{field}_{key}", most=longest[field])))
    return problems


def _wrong_point(typed: Typed, say: Speaker) -> list[Problem]:
    """Whoever collects it says where, and it has to be possible there."""
    if not typed.is_collected:
        return []
    points = locations.pick_up_points()
    if typed.point in {point.code for point in points}:
        return []
    words = say("checkout.point_gone" if typed.point else "checkout.point_missing")
    return [Problem("point" if points else "", words)]


def _is_phone(text: str) -> bool:
    try:
        return len(text) <= MOST.phone and bool(phone_number(text))
    except Invalid:
        return False


def _refused(conflict: Conflict, cart_id: str, visitor: str, typed: Typed) -> Response:
    if conflict.code == "cart_already_ordered":
        secret = handling.secret_of_cart(cart_id, visitor)
        return pages.see_other(f"/o/{secret}" if secret else "/cart")
    if conflict.code == "cart_empty":
        return pages.see_other("/cart")
    return _shown_again(cart_id, visitor, typed, _problems_of(conflict, cart_id, visitor), 409)


def _problems_of(conflict: Conflict, cart_id: str, visitor: str) -> list[Problem]:
    say = Speaker(chosen_language())
    if couponing.is_refusal(conflict):
        return [Problem("coupon", couponing.in_words(conflict.code, conflict.extra, say))]
    if conflict.code == "price_changed":
        total = formats.money(conflict.extra["total"], settings().chain_currency, say.language)
        return [Problem("order", say("checkout.price_changed", total=total))]
    if conflict.code == "order_too_large":
        return [Problem("order", say("checkout.too_large"))]
    if conflict.code == "no_pick_up_point":
        return [Problem("", say("checkout.point_gone"))]
    cart = carts.read(cart_id, visitor)
    if conflict.code == "not_on_sale":
        return _off_sale(cart)
    variant, left = conflict.extra["variant"], int(conflict.extra["left"])
    name = next(line_name(line, say.language) for line in cart.lines if line.variant == variant)
    how = "some" if left else "none"
    fix = say("checkout.take_left", left=left) if left else say("checkout.take_out")
    words = say(f"checkout.out_of_stock_{how}", name=name, left=left)
    return [Problem("", words, f"{variant}:{left}", fix)]


def _off_sale(cart: CartView) -> list[Problem]:
    say = Speaker(chosen_language())
    return [
        Problem(
            "",
            say("checkout.off_sale", name=line_name(line, say.language)),
            f"{line.variant}:0",
            say("checkout.take_out"),
        )
        for line in cart.lines
        if not line.on_sale
    ]


def _adjusted(cart_id: str, visitor: str, typed: Typed) -> Response:
    """Set a line to what can be had, and show the form with all that was typed."""
    variant, _, quantity = sent("adjust", 100).partition(":")
    pieces = pieces_of(quantity, least=0)
    if pieces is None:
        raise Invalid("wrong_quantity", "This is no quantity.")
    try:
        cart = carts.set_quantities(cart_id, visitor, {variant: pieces})
    except Conflict as conflict:
        return _refused(conflict, cart_id, visitor, typed)
    if not cart.lines:
        return pages.see_other("/cart")
    return _shown(cart, typed, _off_sale(cart))


def _with_coupon(cart_id: str, visitor: str, typed: Typed) -> Response:
    """Take the coupon that was typed, or take it off, and show what is to be paid then."""
    try:
        asked = couponing.ask(cart_id, visitor, typed.phone, Speaker(chosen_language()))
    except Conflict as conflict:
        return _refused(conflict, cart_id, visitor, typed)
    if not asked.cart.lines:
        return pages.see_other("/cart")
    problems = [Problem("coupon", asked.words)] if asked.words else []
    problems += _off_sale(asked.cart)
    return _shown(asked.cart, typed, problems, asked.status, thanks=asked.thanks)


def _shown_again(
    cart_id: str, visitor: str, typed: Typed, problems: list[Problem], status: int
) -> Response:
    secret = handling.secret_of_cart(cart_id, visitor)
    if secret:
        return pages.see_other(f"/o/{secret}")
    cart = carts.read(cart_id, visitor)
    if not cart.lines:
        return pages.see_other("/cart")
    return _shown(cart, typed, problems, status)


def _shown(
    cart: CartView,
    typed: Typed,
    problems: list[Problem],
    status: int = 200,
    places: list[Place] | None = None,
    thanks: str = "",
) -> Response:
    language = chosen_language()
    coupon = couponing.box(cart, typed.phone, Speaker(language), thanks)
    if coupon.words and not any(problem.anchor == "coupon" for problem in problems):
        problems = [*problems, Problem("coupon", coupon.words)]
    html = pages.render(
        "shopper/checkout.html",
        language,
        path=with_shop("/checkout"),
        cart=cart.public_id,
        lines=with_looks(cart),
        line_name=lambda line: line_name(line, language),  # pyright: ignore
        total=coupon.total,
        coupon=coupon,
        typed=asdict(typed),
        problems=problems,
        problem_at={problem.anchor: problem.words for problem in problems},
        most=MOST,
        shop=came_from(),
        hold_minutes=settings().hold_minutes,
        places=places or [],
        points=locations.pick_up_points(),
        is_collected=typed.is_collected,
    )
    return pages.answer_secretly(html, status)
