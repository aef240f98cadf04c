"""Shoes in profile, toes to the right."""

from __future__ import annotations

from collections.abc import Callable

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    GOLD,
    LIGHT,
    SHADE,
    WOOD,
    Colour,
    across,
    contrast,
    darker,
    down,
    lighter,
    mix,
)
from storefront.cli.demo.drawing.shapes import (
    Shape,
    box,
    ellipse,
    moved,
    path,
    ribbon,
    scattered,
    turned,
)

_RUBBER: Colour = (243, 239, 230)


def _pair(canvas: Canvas, colour: Colour, shoe: Callable[[Canvas, Colour], None]) -> None:
    """The same shoe twice, the far one a little higher and in shade."""
    with canvas.at(66, -92, 0.93):
        shoe(canvas, darker(colour, 0.1))
    with canvas.at(-26, 30):
        shoe(canvas, colour)


def _leather(canvas: Canvas, upper: Shape, colour: Colour) -> None:
    """An upper with light along its back and shade towards the sole."""
    canvas.fill(upper, down(lighter(colour, 0.16), darker(colour, 0.12)))
    left, right = min(x for x, _ in upper), max(x for x, _ in upper)
    with canvas.inside(upper):
        dark = darker(colour, 0.5)
        canvas.soft(box(left, 664, right, 730), dark, 0.4, 16)
        canvas.soft(ellipse(right - 110, 610, 60, 18), LIGHT, 0.4, 14)
        canvas.soft(ellipse(left + 30, 600, 26, 80), dark, 0.22, 18)


def sneaker(canvas: Canvas, colour: Colour) -> None:
    """A low court sneaker with a coloured heel."""
    _pair(canvas, colour, _one_sneaker)


def _one_sneaker(canvas: Canvas, colour: Colour) -> None:
    canvas.stand(190, 830, 742)
    tongue = path("M392 500 L412 416 Q436 396 466 424 L530 520 L430 560")
    canvas.fill(tongue, down(lighter(colour, 0.2), darker(colour, 0.16)))
    canvas.outline(tongue, contrast(colour, 0.25), 2.4, 0.5)
    upper = path(
        "M202 700 C190 620 200 560 206 484 Q212 462 240 470 C276 500 330 506 378 482 L426 476"
        " C500 520 560 566 640 586 C730 604 812 622 820 700"
    )
    _leather(canvas, upper, colour)
    canvas.outline(upper, contrast(colour, 0.28), 2.4, 0.6)
    with canvas.inside(upper):
        heel = path("M180 450 L252 466 Q262 530 246 600 L180 600")
        canvas.fill(heel, down(lighter((127, 160, 138), 0.1), darker((127, 160, 138), 0.1)))
    stay = path("M378 482 L426 476 C486 514 540 556 616 580 L588 628 Q470 584 392 520")
    canvas.fill(stay, down(lighter(colour, 0.26), darker(colour, 0.03)))
    line = contrast(colour, 0.26)
    canvas.outline(stay, line, 2.4, 0.7)
    canvas.stroke(path("M640 588 Q616 650 664 694"), line, 3, 0.6)
    canvas.stroke(path("M392 520 Q380 620 420 694"), line, 3, 0.6)
    canvas.stroke(path("M246 600 Q330 640 400 640"), line, 3, 0.4)
    for x, y in ((424, 508), (462, 532), (502, 556), (544, 578)):
        lace = ((x, y), (x + 30, y - 38))
        canvas.stroke(moved(lace, 2, 4), SHADE, 12, 0.25)
        canvas.stroke(lace, lighter(colour, 0.5), 11)
        canvas.fill(ellipse(x, y, 5), darker(colour, 0.5))
    sole = path(
        "M190 682 Q180 742 212 744 L800 744 Q842 738 834 690 Q826 676 806 682 Q500 704 204 676"
    )
    canvas.fill(sole, down(_RUBBER, darker(_RUBBER, 0.16)))
    canvas.outline(sole, darker(_RUBBER, 0.35), 2.2, 0.5)
    canvas.stroke(path("M196 718 Q500 730 834 716"), darker(_RUBBER, 0.35), 2.4, 0.6)
    canvas.stroke(path("M640 700 Q740 700 826 694"), darker(_RUBBER, 0.3), 2, 0.5)


def runner(canvas: Canvas, colour: Colour) -> None:
    """A cushioned running shoe."""
    _pair(canvas, colour, _one_runner)


def _one_runner(canvas: Canvas, colour: Colour) -> None:
    canvas.stand(190, 830, 746)
    upper = path(
        "M206 680 C196 610 190 540 200 470 Q214 448 240 466 C272 510 330 516 376 488 L420 430"
        " Q440 416 462 438 C520 520 580 566 660 592 C740 612 814 640 826 694"
    )
    _leather(canvas, upper, colour)
    with canvas.inside(upper):
        weave = [((x, 440), (x - 120, 720)) for x in range(470, 960, 15)]
        canvas.strokes(weave, darker(colour, 0.3), 2, 0.3)
        for index, x in enumerate((330, 386, 442)):
            stripe = path(
                f"M{x} 470 Q{x + 20} 600 {x + 100} 700 L{x + 70} 700 Q{x - 6} 600 {x - 20} 470"
            )
            canvas.fill(stripe, lighter(colour, 0.75 - index * 0.12), 0.9)
        counter = path("M180 440 L244 466 Q268 560 320 700 L180 700")
        canvas.fill(counter, across(darker(colour, 0.3), darker(colour, 0.16)))
    canvas.stroke(path("M206 474 C250 524 330 528 378 492"), darker(colour, 0.45), 15)
    for x, y in ((428, 496), (468, 528), (510, 556), (554, 580)):
        canvas.stroke(((x, y), (x + 26, y - 34)), (250, 248, 242), 11)
    sole = path(
        "M178 660 C170 720 200 750 260 748 L720 750 C800 748 850 724 846 694 Q700 716 560 694"
        " Q360 650 178 660"
    )
    canvas.fill(sole, down(_RUBBER, darker(_RUBBER, 0.12)))
    with canvas.inside(sole):
        canvas.fill(path("M170 726 Q500 742 860 720 L860 760 L170 760"), darker(colour, 0.28))
        canvas.stroke(path("M180 700 Q360 690 560 722"), mix(_RUBBER, colour, 0.6), 7, 0.8)


def loafer(canvas: Canvas, colour: Colour) -> None:
    """A penny loafer."""
    _pair(canvas, colour, _one_loafer)


def _one_loafer(canvas: Canvas, colour: Colour) -> None:
    canvas.stand(196, 830, 744)
    canvas.fill(path("M240 520 Q330 500 440 560 L420 640 L250 640"), darker(colour, 0.55))
    upper = path(
        "M206 706 C194 640 196 580 212 528 Q224 510 244 520 C300 590 380 588 440 540"
        " Q470 520 500 536 C590 590 700 594 770 630 Q832 660 826 706"
    )
    _leather(canvas, upper, colour)
    canvas.stroke(
        path("M212 528 Q226 512 244 522 C300 592 380 590 440 542"), darker(colour, 0.45), 8
    )
    apron = path("M566 578 Q650 596 724 630 Q756 650 730 664 Q640 650 548 622")
    canvas.fill(apron, down(lighter(colour, 0.22), darker(colour, 0.05)))
    canvas.outline(apron, darker(colour, 0.5), 4, 0.8)
    strap = path("M440 540 Q474 516 506 538 L596 586 L566 704 L430 704 Q446 620 440 540")
    canvas.soft(moved(strap, 6, 4), SHADE, 0.3, 7)
    canvas.fill(strap, down(lighter(colour, 0.2), darker(colour, 0.08)))
    canvas.outline(strap, darker(colour, 0.45), 2.6, 0.7)
    canvas.fill(
        path("M484 574 L546 600 Q536 618 526 616 L478 596 Q474 584 484 574"), darker(colour, 0.6)
    )
    sole = path("M196 700 L832 700 Q840 718 826 724 L520 728 L400 724 L196 722")
    canvas.fill(sole, down(darker(colour, 0.45), darker(colour, 0.65)))
    canvas.fill(path("M198 718 L372 720 L364 746 L202 746"), darker(colour, 0.68))


def chelsea(canvas: Canvas, colour: Colour) -> None:
    """An ankle boot with elastic sides."""
    with canvas.at(0, 30, 1.04):
        _pair(canvas, colour, _one_chelsea)


def _one_chelsea(canvas: Canvas, colour: Colour) -> None:
    canvas.stand(230, 800, 744)
    canvas.stroke(path("M262 400 Q252 350 282 346 Q304 350 298 396"), darker(colour, 0.45), 13)
    upper = path(
        "M236 706 C224 620 240 560 250 500 Q244 440 246 384 Q340 402 450 380 Q452 450 470 500"
        " C520 580 640 588 720 626 Q802 660 800 706"
    )
    _leather(canvas, upper, colour)
    with canvas.inside(upper):
        canvas.soft(ribbon(((280, 390), (290, 560)), 20, 40), LIGHT, 0.16, 12)
        canvas.soft(ribbon(path("M440 470 Q470 540 560 584"), 14, 26), darker(colour, 0.6), 0.4, 10)
    gusset = path("M308 392 Q350 396 408 388 Q404 500 366 566 Q322 500 308 392")
    canvas.fill(gusset, darker(colour, 0.4))
    with canvas.inside(gusset):
        canvas.strokes(
            [((x, 380), (x + 6, 580)) for x in range(300, 420, 9)], darker(colour, 0.65), 2.4
        )
    canvas.outline(gusset, contrast(colour, 0.3), 2.4, 0.6)
    canvas.stroke(path("M246 386 Q340 404 450 382"), darker(colour, 0.5), 7)
    canvas.stroke(path("M366 568 Q360 650 380 704"), contrast(colour, 0.3), 2.6, 0.6)
    canvas.fill(path("M228 700 L806 700 Q812 722 794 726 L440 730 L228 724"), darker(colour, 0.62))
    canvas.fill(path("M230 720 L392 724 L384 748 L234 748"), darker(colour, 0.7))


def pump(canvas: Canvas, colour: Colour) -> None:
    """A pointed pump with a middle heel."""
    with canvas.at(0, 20, 1.06):
        _pair(canvas, colour, _one_pump)


def _one_pump(canvas: Canvas, colour: Colour) -> None:
    canvas.stand(520, 850, 742, 18)
    canvas.stand(222, 272, 742, 14)
    heel = path("M206 530 C208 620 226 690 230 742 L262 742 C262 690 280 640 330 604")
    canvas.fill(heel, across(lighter(colour, 0.12), darker(colour, 0.3)))
    inside = path("M236 470 Q300 520 430 540 L640 556 L600 640 L300 600")
    canvas.fill(inside, down(darker(colour, 0.5), darker(colour, 0.3)))
    upper = path(
        "M210 470 C220 440 250 440 258 464 C286 552 372 592 470 590 Q548 586 588 560"
        " Q622 546 648 580 C706 622 794 676 848 712 Q872 732 850 740 L610 742"
        " C520 740 476 690 424 652 C370 614 316 600 262 604 C214 604 198 530 210 470"
    )
    canvas.fill(upper, down(lighter(colour, 0.2), darker(colour, 0.12)))
    dark = darker(colour, 0.6)
    with canvas.inside(upper):
        shine = path("M240 500 C280 590 400 622 500 614 Q600 600 780 690")
        canvas.soft(ribbon(shine, 12, 22), LIGHT, 0.4, 9)
        canvas.soft(ribbon(path("M250 610 C400 620 470 760 700 750"), 30, 20), dark, 0.35, 12)
    topline = path("M212 468 C222 442 250 442 258 466 C286 554 372 594 470 592 Q548 588 588 562")
    canvas.stroke(topline, darker(colour, 0.3), 5, 0.8)
    canvas.stroke(path("M646 577 Q622 548 588 562"), darker(colour, 0.3), 5, 0.8)
    canvas.stroke(path("M330 604 C440 640 500 740 610 741 L850 740"), dark, 7)


def ballet_flat(canvas: Canvas, colour: Colour) -> None:
    """A soft flat with a bow."""
    with canvas.at(0, 10, 1.04):
        _pair(canvas, colour, _one_ballet_flat)


def _one_ballet_flat(canvas: Canvas, colour: Colour) -> None:
    canvas.stand(196, 836, 738, 22)
    canvas.fill(path("M236 590 Q400 650 590 600 L600 690 L250 690"), lighter(WOOD, 0.35))
    upper = path(
        "M206 724 C190 660 198 600 214 566 Q226 552 242 566 C300 650 460 664 560 620"
        " Q620 590 680 604 C780 626 846 670 834 724"
    )
    _leather(canvas, upper, colour)
    canvas.stroke(
        path("M214 568 Q226 554 242 568 C300 652 460 666 560 622 Q600 600 640 600"),
        darker(colour, 0.3),
        9,
    )
    canvas.fill(
        path("M200 718 L836 718 Q840 736 820 740 L220 740 Q200 738 200 718"), darker(colour, 0.55)
    )
    for wing in (
        path("M652 606 Q600 556 572 588 Q566 622 652 612"),
        path("M652 606 Q690 552 722 578 Q734 616 652 612"),
    ):
        canvas.soft(moved(wing, 3, 8), SHADE, 0.3, 6)
        canvas.fill(wing, down(lighter(colour, 0.25), darker(colour, 0.1)))
        canvas.outline(wing, darker(colour, 0.35), 2.4, 0.6)
    canvas.fill(ellipse(652, 609, 13, 11), darker(colour, 0.12))
    canvas.stroke(path("M650 616 Q630 640 606 646"), darker(colour, 0.1), 7)
    canvas.stroke(path("M656 616 Q680 640 700 642"), darker(colour, 0.1), 7)


def slide(canvas: Canvas, colour: Colour) -> None:
    """A cork slide with two buckled straps."""
    with canvas.at(0, 10, 1.06):
        _pair(canvas, colour, _one_slide)


def _one_slide(canvas: Canvas, colour: Colour) -> None:
    canvas.stand(186, 838, 740)
    cork = (203, 161, 112)
    bed = path(
        "M186 652 Q196 626 240 632 C360 664 420 646 520 640 Q700 640 820 666 Q846 676 838 704"
        " L834 716 L190 716"
    )
    canvas.fill(bed, down(lighter(cork, 0.15), darker(cork, 0.14)))
    with canvas.inside(bed):
        for x, y in scattered(110, 190, 640, 840, 718):
            canvas.fill(ellipse(x, y, 4, 2.6), darker(cork, 0.4), 0.45)
    canvas.fill(
        path("M188 708 L838 708 L832 740 Q510 746 196 740"), down((86, 70, 60), (58, 46, 42))
    )
    canvas.stroke(
        path("M190 648 Q200 630 240 634 C360 666 420 648 520 642 Q700 642 826 670"),
        lighter(cork, 0.55),
        9,
    )
    for x, wide in ((400, 128), (566, 140)):
        strap = path(
            f"M{x} 690 Q{x - 14} 570 {x + 34} 540 Q{x + 70} 524 {x + wide - 14} 552"
            f" Q{x + wide + 28} 590 {x + wide + 22} 690 Q{x + 70} 700 {x} 690"
        )
        canvas.soft(moved(strap, 8, 6), SHADE, 0.3, 8)
        canvas.fill(strap, down(lighter(colour, 0.25), darker(colour, 0.16)))
        canvas.outline(strap, contrast(colour, 0.3), 2.6, 0.6)
        buckle = turned(box(x + 40, 590, x + 92, 650, 10), -6, x + 66, 620)
        canvas.outline(buckle, darker(GOLD, 0.2), 9)
        canvas.outline(buckle, lighter(GOLD, 0.3), 4)
        canvas.stroke(((x + 66, 586), (x + 66, 652)), GOLD, 6)
