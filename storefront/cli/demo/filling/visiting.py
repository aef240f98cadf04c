"""Visits to share links, told together: each is kept as the link's own page keeps it."""

from __future__ import annotations

from storefront.cli.demo.filling.script import Script
from storefront.cli.demo.plans import PurchasePlan, Reader, VisitPlan
from storefront.customers.visitors import new_visitor_id
from storefront.sharing import touches
from storefront.sharing.models import Uncounted
from storefront.sharing.readers import classify
from storefront.sharing.touches import Hit

_HEADERS: dict[Reader, dict[str, str]] = {"prefetch": {"Sec-Purpose": "prefetch"}}


class Visiting:
    """Who has come with which browser, and the visits that are not stored yet."""

    def __init__(self, script: Script) -> None:
        self.codes: dict[int, str] = {}
        """Of the links, by the plan's numbers."""
        self._hits: list[Hit] = []
        self._visitors: dict[int, str] = {}
        self._browsers: dict[str, str] = {}
        self._in_english: set[int] = set()
        for visit in script.events(VisitPlan):
            if visit.reader == "own_visit" and visit.visitor is not None:
                self._browsers.setdefault(visit.employee, self.visitor(visit.visitor))
            if visit.channel == "whatsapp":
                self._in_english.add(visit.number)

    def visitor(self, number: int) -> str:
        """The visitor whom the plan means."""
        if number not in self._visitors:
            self._visitors[number] = new_visitor_id()
        return self._visitors[number]

    def browser_of(self, employee: str) -> str:
        """The visitor that an employee's own browser is."""
        return self._browsers.get(employee) or new_visitor_id()

    def language_of(self, plan: PurchasePlan) -> str:
        """What a customer speaks; those who come from WhatsApp live abroad."""
        return "en" if plan.visit in self._in_english else "zh"

    def follow(self, plan: VisitPlan) -> None:
        """Somebody or something opens a link."""
        headers = {"User-Agent": plan.agent, **_HEADERS.get(plan.reader, {})}
        uncounted = classify("HEAD" if plan.reader == "head" else "GET", headers)
        if uncounted is Uncounted.CRAWLER:
            visitor = ""
        else:
            visitor = new_visitor_id() if plan.visitor is None else self.visitor(plan.visitor)
        self._hits.append(Hit(self.codes[plan.link], visitor, plan.at, uncounted, plan.agent))

    def keep(self) -> None:
        """Store what has come so far. To be called before anything looks at it, or changes it."""
        touches.keep_together(self._hits)
        self._hits.clear()
