"""Examples of what the OpenAPI document describes: bodies, and requests for a command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

Node = Mapping[str, Any]
"""A part of the OpenAPI document."""

DEEPEST_EXAMPLE = 6


def resolved(document: Node, schema: Node) -> Node:
    """The schema itself, where it only names another."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][name_of(schema)]
    return schema


def name_of(reference: Node) -> str:
    """The last part of a `$ref`."""
    return reference["$ref"].rpartition("/")[2]


def _example(document: Node, schema: Node, depth: int = 0) -> Any:
    """A value that the schema takes."""
    schema = resolved(document, schema)
    for key in ("example", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return _example(document, schema[key][0], depth)
    kinds = schema.get("type", "null")
    kind = kinds if isinstance(kinds, str) else kinds[0]
    if kind == "array":
        return [] if depth > DEEPEST_EXAMPLE else [_example(document, schema["items"], depth + 1)]
    if kind == "object":
        properties = cast(Node, schema.get("properties", {}) if depth <= DEEPEST_EXAMPLE else {})
        return {name: _example(document, each, depth + 1) for name, each in properties.items()}
    plain: dict[str, object] = {"integer": schema.get("minimum", 1), "boolean": True, "number": 1.5}
    return plain.get(kind, "…" if kind == "string" else None)


def as_json(document: Node, schema: Node) -> str:
    """An example of a schema, as it would be sent."""
    return json.dumps(_example(document, schema), ensure_ascii=False, indent=2, default=str)


def curl_call(
    document: Node, path: str, method: str, operation: Node, parameters: list[Node]
) -> str:
    """How to ask for it with curl. What is in capitals after a $ is the reader's to fill in."""
    address = path.replace("{", "$").replace("}", "")
    for parameter in parameters:
        if parameter["in"] == "path":
            name = parameter["name"]
            address = address.replace(f"${name}", f"${name.upper()}")
    lines = [f'curl{"" if method == "get" else f" -X {method.upper()}"} "$SHOP{address}"']
    if operation.get("security"):
        lines.append('-H "Authorization: Bearer $TOKEN"')
    for parameter in parameters:
        if parameter["in"] == "header" and parameter["name"] != "If-None-Match":
            value = parameter.get("schema", {}).get("example", f"${_shell_name(parameter)}")
            lines.append(f"-H {_quoted(parameter['name'] + ': ' + value)}")
    content = cast(Node, operation.get("requestBody", {}).get("content", {}))
    for kind, each in content.items():
        lines.append(f"-H 'Content-Type: {kind}'")
        if kind == "application/json":
            example = each.get("example") or _example(document, each.get("schema", {}))
            lines.append(f"-d {_quoted(json.dumps(example, ensure_ascii=False))}")
        else:
            lines.append("--data-binary @file")
        break
    return " \\\n  ".join(lines)


def _shell_name(parameter: Node) -> str:
    return parameter["name"].upper().replace("-", "_")


def _quoted(text: str) -> str:
    if text.partition(": ")[2].startswith("$"):
        return f'"{text}"'
    return "'" + text.replace("'", "'\\''") + "'"
