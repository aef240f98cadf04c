"""A browser without JavaScript: it reads pages, fills their forms in and presses their buttons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import MappingProxyType
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Attributes = dict[str, str | None]


@dataclass
class Form:
    """A form as it stands on the page: its fields, and its buttons by name and value."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    attributes: dict[str, Attributes] = field(default_factory=dict)
    """Of each field, by its name."""


OWN_SCRIPTS = {"application/ld+json", "module"}
"""Types of the scripts that our pages have: facts for search engines, and files of our own."""


class Page(HTMLParser):
    """What a page says and offers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.title = ""
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.elements: list[tuple[str, Attributes]] = []
        self._texts: list[str] = []
        self._open: list[str] = []
        self._textarea = ""
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """Everything that can be read, with single spaces."""
        return " ".join(" ".join(self._texts).split())

    def form(self, action: str) -> Form:
        """The first form that is sent there."""
        return next(form for form in self.forms if form.action == action)

    def all(self, tag: str) -> list[Attributes]:
        """The attributes of every such element."""
        return [attributes for name, attributes in self.elements if name == tag]

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        self._open.append(tag)
        if tag == "form":
            self.forms.append(Form(attributes.get("method") or "get", attributes["action"] or ""))
        elif tag == "a":
            self.links.append(attributes.get("href") or "")
        elif tag in {"input", "textarea", "button"} and "form" in self._open:
            self._field(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        self._textarea = "" if tag == "textarea" else self._textarea
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._textarea:
            # A browser drops the line break right after the tag.
            self.forms[-1].fields[self._textarea] += data.removeprefix("\n")
        elif "title" in self._open and "svg" not in self._open:
            self.title += data
        elif not {"script", "style"} & set(self._open):
            self._texts.append(data)

    def _field(self, tag: str, attributes: Attributes) -> None:
        form, name, value = self.forms[-1], attributes.get("name"), attributes.get("value") or ""
        if tag == "button":
            form.buttons.append((name or "", value))
            return
        if not name:
            return
        form.attributes.setdefault(name, attributes)
        if tag == "textarea":
            self._textarea = name
            form.fields[name] = ""
        elif attributes.get("type") != "radio" or "checked" in attributes:
            form.fields[name] = value


class Browser:
    """Somebody with a phone."""

    def __init__(self, client: FlaskClient, language: str = "en") -> None:
        self.client = client
        self.headers = {"Accept-Language": language}
        self.answer: TestResponse
        self.address = ""
        self.page: Page

    def get(self, address: str, status: int = 200) -> Page:
        """Open an address, and follow where it leads on this host."""
        return self._show(self.client.get(_path(address), headers=self.headers), address, status)

    def press(
        self,
        action: str,
        button: str = "",
        status: int = 200,
        typed: Mapping[str, str] = MappingProxyType({}),
        **fields: str,
    ) -> Page:
        """Fill in the form that is sent to `action` and press a button, `name=value` if it has one.

        The form's other fields go as they stand.
        """
        name, _, value = button.partition("=")
        form = self.page.form(action)
        assert not button or (name, value) in form.buttons, form.buttons
        filled = {**typed, **fields}
        assert filled.keys() <= form.attributes.keys(), form.attributes.keys()
        data = {**form.fields, **filled, **({name: value} if button else {})}
        return self._show(self.client.post(action, data=data, headers=self.headers), action, status)

    def _show(self, answer: TestResponse, address: str, status: int) -> Page:
        for _ in range(5):
            if answer.status_code not in {302, 303}:
                break
            address = answer.headers["Location"]
            answer = self.client.get(_path(address), headers=self.headers)
        assert answer.status_code == status, answer.text
        self.answer, self.address, self.page = answer, _path(address), Page(answer.text)
        return self.page


def _path(address: str) -> str:
    parts = urlsplit(address)
    assert parts.netloc in {"", "shop.test"}, address
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
