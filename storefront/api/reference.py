"""The OpenAPI document in the form in which a person reads it. Pure: from dicts to dataclasses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from markupsafe import Markup, escape

from storefront.api.examples import Node, as_json, curl_call, name_of, resolved

AUDIENCES = {
    "shopper": "Whoever buys. Nobody signs in; the visitor cookie says whose cart it is.",
    "seller": "Employees, about themselves and their shop.",
    "hq": "Headquarters. What a role may not do is 403 `role_not_allowed`.",
    "partner": "Machines of other houses. A signature is their guard.",
}
NOTHING: Node = {}
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a property of a body."""

    name: str
    kind: Markup
    """What it takes, with links to the shapes that it names."""
    needed: bool
    words: Markup
    place: str = ""
    """Of a parameter: path, query or header."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What may come back."""

    status: str
    words: Markup
    kind: Markup
    example: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path."""

    method: str
    path: str
    anchor: str
    summary: str
    words: Markup
    token: str
    """Which token it asks for; empty if none."""
    parameters: tuple[Field, ...]
    body: Markup
    body_fields: tuple[Field, ...]
    answers: tuple[Answer, ...]
    errors: tuple[Answer, ...]
    call: str
    """An example for the command line."""


@dataclass(frozen=True, slots=True)
class Group:
    """The routes of one noun."""

    name: str
    anchor: str
    words: Markup
    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """Everything for one kind of caller."""

    name: str
    words: Markup
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A document that routes take or give."""

    name: str
    words: Markup
    fields: tuple[Field, ...]
    example: str


def audiences(document: Node) -> list[Audience]:
    """The routes by audience and noun, in the document's order."""
    tags = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    found: dict[str, dict[str, list[Route]]] = {name: {} for name in AUDIENCES}
    for path, item in document["paths"].items():
        audience = path.split("/")[3]
        for method in METHODS:
            if method in item:
                operation = item[method]
                tag = operation["tags"][0]
                route = _route(document, path, method, operation, item.get("parameters", []))
                found[audience].setdefault(tag, []).append(route)
    return [
        Audience(
            name,
            in_words(AUDIENCES[name]),
            tuple(
                Group(_noun(tag, name), tag, in_words(tags.get(tag, "")), tuple(routes))
                for tag, routes in groups.items()
            ),
        )
        for name, groups in found.items()
        if groups
    ]


def shapes(document: Node) -> list[Shape]:
    """Every named document, by name."""
    return [
        Shape(
            name,
            in_words(schema.get("description", "")),
            _fields(schema),
            as_json(document, schema),
        )
        for name, schema in sorted(document["components"]["schemas"].items())
    ]


def in_words(text: str) -> Markup:
    """Prose with `names` set apart."""
    parts = " ".join(text.split()).split("`")
    # Odd parts stood between two backticks; a lone one at the end is just a character.
    if len(parts) % 2 == 0:
        parts[-2:] = ["`".join(parts[-2:])]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part)
        for at, part in enumerate(parts)
    )


def _noun(tag: str, audience: str) -> str:
    return tag.removeprefix(f"{audience}_").replace("_", " ").capitalize()


def _route(document: Node, path: str, method: str, operation: Node, shared: list[Node]) -> Route:
    parameters = [*shared, *operation.get("parameters", [])]
    content = cast(Node, operation.get("requestBody", {}).get("content", {}))
    answers = list(_answers(document, operation))
    return Route(
        method=method.upper(),
        path=path,
        anchor=f"{method}-{path.removeprefix('/api/v1/').translate(_ANCHOR)}",
        summary=operation.get("summary", ""),
        words=in_words(operation.get("description", "")),
        token=next((name for each in operation.get("security", []) for name in each), ""),
        parameters=tuple(_parameter(each) for each in parameters),
        body=_bodies(content),
        body_fields=_body_fields(document, content),
        answers=tuple(each for each in answers if each.status < "4"),
        errors=tuple(each for each in answers if "4" <= each.status < "6"),
        call=curl_call(document, path, method, operation, parameters),
    )


_ANCHOR = str.maketrans({"/": "-", "{": "", "}": ""})


def _parameter(parameter: Node) -> Field:
    schema = parameter.get("schema", {})
    return Field(
        parameter["name"],
        _kind(schema),
        bool(parameter.get("required")),
        _limits(schema, parameter.get("description") or schema.get("description", "")),
        parameter["in"],
    )


def _fields(schema: Node) -> tuple[Field, ...]:
    needed = schema.get("required", [])
    return tuple(
        Field(name, _kind(each), name in needed, _limits(each, each.get("description", "")))
        for name, each in schema.get("properties", {}).items()
    )


def _body_fields(document: Node, content: Node) -> tuple[Field, ...]:
    schema = content.get("application/json", {}).get("schema", {})
    return _fields(resolved(document, schema))


def _bodies(content: Node) -> Markup:
    return Markup(", ").join(
        Markup("{} ({})").format(_kind(each.get("schema", {})), kind)
        for kind, each in content.items()
    )


def _answers(document: Node, operation: Node) -> Iterator[Answer]:
    for status, given in sorted(operation["responses"].items()):
        answer = document["components"]["responses"][name_of(given)] if "$ref" in given else given
        content = cast(Node, answer.get("content", {}))
        schema: Node = next((each.get("schema", {}) for each in content.values()), NOTHING)
        is_json = "application/json" in content
        yield Answer(
            status,
            in_words(answer.get("description", "")),
            _bodies(content),
            as_json(document, schema) if is_json and status < "4" else "",
        )


def _kind(schema: Node) -> Markup:
    """What a schema takes, in a word or a link."""
    if "$ref" in schema:
        name = name_of(schema)
        return Markup('<a href="#shape-{0}">{0}</a>').format(name)
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return Markup(" or ").join(_kind(each) for each in schema[key])
    kinds = schema.get("type", [])
    names = [kinds] if isinstance(kinds, str) else list(kinds)
    if "array" in names:
        return Markup("list of {}").format(_kind(schema.get("items", {})))
    if not names and "enum" in schema:
        names = ["string"]
    if schema.get("format") in {"date-time", "date", "binary"}:
        names = [schema["format"] if name == "string" else name for name in names]
    return escape(" or ".join(names) or "anything")


def _limits(schema: Node, words: str) -> Markup:
    """A description, followed by what is allowed."""
    said = [in_words(words)] if words else []
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None]
        said.append(Markup(", ").join(Markup("<code>{}</code>").format(each) for each in values))
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None or high is not None:
        said.append(escape(_range(low, high, "")))
    low, high = schema.get("minLength"), schema.get("maxLength")
    if high is not None:
        said.append(escape(_range(low or 0, high, " characters")))
    low, high = schema.get("minItems"), schema.get("maxItems")
    if high is not None:
        said.append(escape(_range(low or 0, high, " of them")))
    if schema.get("default") not in (None, "", []):
        said.append(Markup("<code>{}</code> if left out").format(schema["default"]))
    return Markup("; ").join(said)


def _range(low: int | None, high: int | None, what: str) -> str:
    if low is not None and high is not None:
        return f"{low:,} to {high:,}{what}"
    return f"at least {low:,}{what}" if low is not None else f"at most {high:,}{what}"
