"""Which drawing belongs to which kind of goods, and where it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from storefront.cli.demo.drawing import (
    accessories,
    bags,
    bedding,
    cosmetics,
    footwear,
    fragrance,
    garments,
    kitchen,
    knits,
    lamps,
    makeup,
    travel,
)
from storefront.cli.demo.drawing.backdrop import Scene
from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import Colour, from_hex, luminance

Draw = Callable[[Canvas, Colour], None]


@dataclass(frozen=True, slots=True)
class Thing:
    """How one kind of goods is shown: on a wall, the floor or a podium, and how near."""

    draw: Draw
    scene: Scene
    near: float = 1.0


def _on(scene: Scene, near: float, *draws: Draw) -> dict[str, Thing]:
    return {draw.__name__: Thing(draw, scene, near) for draw in draws}


THINGS: dict[str, Thing] = {
    **_on("wall", 1.0, garments.trench, garments.long_coat, knits.bathrobe),
    **_on("wall", 1.1, garments.puffer, garments.denim_jacket, garments.blazer),
    **_on("wall", 1.08, garments.raincoat, garments.gilet),
    **_on("wall", 1.16, knits.tee, knits.striped_top, knits.shirt, knits.polo, knits.sweater),
    **_on("wall", 1.14, knits.rollneck, knits.cardigan, knits.hoodie),
    **_on("floor", 1.12, footwear.sneaker, footwear.runner, footwear.loafer, footwear.chelsea),
    **_on("floor", 1.12, footwear.pump, footwear.ballet_flat, footwear.slide),
    **_on("wall", 1.2, bedding.slippers),
    **_on("floor", 1.1, bags.tote, bags.crossbody, bags.backpack, bags.bucket_bag, bags.cloud_bag),
    **_on("floor", 1.06, bags.satchel),
    **_on("wall", 1.08, bags.wallet),
    **_on("floor", 1.0, travel.cabin_case, travel.frame_case, travel.duffel),
    **_on("floor", 1.14, travel.wash_bag),
    **_on("wall", 1.0, travel.umbrella, travel.neck_pillow),
    **_on("wall", 1.0, accessories.watch, accessories.scarf, accessories.pearl_earrings),
    **_on("wall", 1.12, accessories.sunglasses),
    **_on("floor", 1.1, accessories.bucket_hat, accessories.beanie, accessories.belt),
    **_on("podium", 1.14, cosmetics.dropper, cosmetics.tube, cosmetics.pump_bottle),
    **_on("podium", 1.14, cosmetics.toner, cosmetics.sunscreen, cosmetics.mask_box),
    **_on("podium", 1.24, cosmetics.cream_jar, fragrance.candle),
    **_on("podium", 1.14, makeup.lipstick, makeup.mascara, makeup.nail_polish, makeup.brushes),
    **_on("floor", 1.08, makeup.cushion),
    **_on("wall", 1.0, makeup.palette, lamps.wall_clock),
    **_on("podium", 1.16, fragrance.perfume_square, fragrance.perfume_round),
    **_on("podium", 1.08, fragrance.perfume_tall, fragrance.diffuser, fragrance.incense),
    **_on("floor", 1.14, kitchen.teapot, kitchen.gaiwan, kitchen.mug, kitchen.casserole),
    **_on("floor", 1.08, kitchen.pour_over, kitchen.kettle),
    **_on("podium", 1.06, kitchen.flask),
    **_on("wall", 1.0, kitchen.frying_pan),
    **_on("floor", 1.08, bedding.pillow, bedding.towels, bedding.throw),
    **_on("floor", 1.06, bedding.bedding),
    **_on("floor", 1.08, lamps.mushroom_lamp, lamps.desk_lamp, lamps.vase, lamps.paper_lamp),
}
"""Every motif that a product may name."""

_GROUNDS: dict[str, tuple[str, str]] = {
    "coats": ("#e9ded0", "#b59f8c"),
    "tops": ("#e4e1ea", "#a29db3"),
    "shoes": ("#dfe5e0", "#9cb0a5"),
    "bags": ("#ecdfd3", "#b99c8a"),
    "travel": ("#dbe4e8", "#95abb8"),
    "accessories": ("#ece2d5", "#b9a58f"),
    "skincare": ("#e2ebe4", "#9fb7a9"),
    "makeup": ("#f3e2dc", "#c59f98"),
    "fragrance": ("#ebe4dc", "#b5a598"),
    "tea-kitchen": ("#e9e4d8", "#b0a48f"),
    "bed-bath": ("#e2e4e6", "#a3b2bd"),
    "lamps-decor": ("#e6ddd2", "#b0a191"),
}


def ground_tint(category: str, thing: Colour) -> Colour:
    """The category's own ground: a pale one, or a deep one behind pale things."""
    pale, deep = _GROUNDS[category]
    return from_hex(deep if luminance(thing) > 0.8 else pale)


def show(canvas: Canvas, motif: str, colour: Colour) -> None:
    """Draw a thing in its place; things that stand keep their feet where they are."""
    thing = THINGS[motif]
    foot = 500 if thing.scene == "wall" else 800
    canvas.closer(thing.near, 500, foot)
    thing.draw(canvas, colour)
