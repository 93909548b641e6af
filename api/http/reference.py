"""The reference of the API as one page, made from the OpenAPI document: no script, nothing from other hosts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import TYPE_CHECKING, Any

from api.texts import section, text

if TYPE_CHECKING:
    from regional_assets.text import Language

POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

TRANSLATED = ("operation", "operation_more", "operation_parameter", "operation_answer")
"""Sections of the catalogue with the words of operations: the English ones are those of the routes."""

_METHODS = ("get", "post", "put", "patch", "delete")
_CODE = re.compile(r"`([^`]+)`")
_LIMITS = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "exclusiveMaximum": "< {}",
    "minLength": "≥ {} chars",
    "maxLength": "≤ {} chars",
    "minItems": "≥ {} items",
    "maxItems": "≤ {} items",
    "pattern": "{}",
}


def page_of(document: Mapping[str, Any], language: Language, server: str, *, needs_keys: bool) -> str:
    """
    Return the page.

    Parameters
    ----------
    document
        From `api.http.openapi`.
    language
        Of what stands around the document, and of what it says of operations, parameters and answers; what it says of
        shapes and their fields is English.
    server
        How the world calls this server, for commands to copy.
    needs_keys
        Whether these commands need a key.
    """
    return "".join(_Page(document, language, server, needs_keys).parts())


@cache
def style_sheet() -> str:
    """Return the looks of the page."""
    return (resources.files("api.http") / "reference.css").read_text(encoding="utf-8")


class _Page:
    def __init__(self, document: Mapping[str, Any], language: Language, server: str, needs_keys: bool) -> None:
        self._document = document
        self._language = language
        self._server = server
        self._needs_keys = needs_keys
        self._groups = _grouped(document)

    def parts(self) -> Iterator[str]:
        """Yield the page from top to bottom."""
        title = f"{self._document['info']['title']} API {self._document['info']['version']}"
        yield f'<!doctype html>\n<html lang="{self._language}"><head><meta charset="utf-8">'
        yield f"<title>{escape(title)}</title>"
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
        yield '<link rel="stylesheet" href="docs/style.css"></head><body>'
        yield f'<header><h1>{escape(title)}</h1><p>{self._say("intro")} <a href="openapi.json">openapi.json</a> · '
        yield '<a href="?lang=ja" lang="ja">日本語</a> · '
        yield '<a href="?lang=en" lang="en">English</a></p></header>'
        yield f'<div class="columns"><nav aria-label="{self._say("contents")}">{"".join(self._contents())}</nav><main>'
        yield f'<section id="conventions"><h2>{self._say("conventions")}</h2>{_prose(self._conventions())}</section>'
        for tag, operations in self._groups.items():
            about = text(f"api_tag.{tag}").in_(self._language)
            yield f'<section id="tag-{tag}"><h2>{escape(tag)}</h2><p>{escape(about)}</p>'
            for path, method, operation in operations:
                yield from self._operation(path, method, operation)
            yield "</section>"
        yield from self._problems()
        yield from self._schemas()
        yield "</main></div></body></html>\n"

    def _contents(self) -> Iterator[str]:
        yield f'<a href="#conventions">{self._say("conventions")}</a>'
        for tag, operations in self._groups.items():
            yield f'<h2><a href="#tag-{tag}">{escape(tag)}</a></h2><ul>'
            for path, method, operation in operations:
                yield f'<li><a href="#{operation["operationId"]}"><b class="{method}">{method.upper()}</b> '
                yield f"{_breakable(path)}</a></li>"
            yield "</ul>"
        yield f'<h2><a href="#problems">{self._say("problems")}</a></h2>'
        yield f'<h2><a href="#schemas">{self._say("schemas")}</a></h2>'

    def _conventions(self) -> str:
        return text("api.description").in_(self._language)

    def _operation(self, path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
        yield f'<article id="{operation["operationId"]}"><h3><b class="{method}">{method.upper()}</b> '
        summary = escape(self._translated(operation.get("summary", "")))
        yield f'<code>{_breakable(path)}</code></h3><p class="summary">{summary} '
        yield f"<small>{operation['operationId']}{self._scopes(operation)}</small></p>"
        yield _prose(self._translated(operation.get("description", "")))
        yield from self._parameters(operation)
        yield from self._body(path, method, operation)
        yield from self._responses(operation)
        yield "</article>"

    def _scopes(self, operation: Mapping[str, Any]) -> str:
        scopes = [scope for needed in operation.get("security", ()) for names in needed.values() for scope in names]
        return f" · {self._say('scope')}: {escape(' / '.join(scopes))}" if scopes else ""

    def _parameters(self, operation: Mapping[str, Any]) -> Iterator[str]:
        parameters = operation.get("parameters", ())
        if not parameters:
            return
        rows = [
            (
                f"<code>{escape(parameter['name'])}</code> <small>{parameter['in']}</small>",
                self._type(parameter["schema"]),
                self._necessity(parameter.get("required", False), parameter["schema"]),
                _prose(self._translated(parameter.get("description", ""))),
            )
            for parameter in parameters
        ]
        yield self._table("parameters", ("name", "type", "default", "meaning"), rows)

    def _body(self, path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
        contents = operation.get("requestBody", {}).get("content", {})
        for media_type, content in contents.items():
            yield f"<h4>{self._say('body')}</h4><p><code>{escape(media_type)}</code>: "
            yield f"{self._type(content['schema'])}</p>"
            for name, example in content.get("examples", {}).items():
                yield f"<details><summary>{escape(example.get('summary', name))}</summary>"
                command = escape(self._curl(path, method, operation, example["value"], media_type))
                yield f"<pre><code>{command}</code></pre></details>"
        if not contents:
            command = escape(self._curl(path, method, operation))
            yield f"<details><summary>curl</summary><pre><code>{command}</code></pre></details>"

    def _curl(
        self, path: str, method: str, operation: Mapping[str, Any], body: Any = None, media_type: str = ""
    ) -> str:
        """Return a command that sends a request, for a POSIX shell."""
        for parameter in operation.get("parameters", ()):
            found = parameter.get("example", next(iter(parameter["schema"].get("examples", ())), None))
            if parameter["in"] == "path" and found is not None:
                path = path.replace(f"{{{parameter['name']}}}", str(found))
        verb = "" if method == "get" else f" -X {method.upper()}"
        parts = [f"curl{verb} '{self._server}{path}'"]
        if self._needs_keys and "security" in operation:
            parts.append('-H "X-API-Key: $MEGURI_KEY"')
        if body is not None:
            quoted = json.dumps(body, ensure_ascii=False, indent=2).replace("'", "'\\''")
            parts += [f"-H 'Content-Type: {media_type}'", f"-d '{quoted}'"]
        return " \\\n  ".join(parts)

    def _responses(self, operation: Mapping[str, Any]) -> Iterator[str]:
        rows = []
        for status, response in operation["responses"].items():
            forms = [
                f"<code>{escape(media_type)}</code> {self._type(content.get('schema', {}))}"
                for media_type, content in response.get("content", {}).items()
            ]
            rows.append((f"<b>{status}</b>", _prose(self._translated(response["description"])), "<br>".join(forms)))
        yield self._table("responses", ("status", "meaning", "form"), rows)

    def _problems(self) -> Iterator[str]:
        kinds = section("problem").items()
        rows = [(f"<code>{key.replace('_', '-')}</code>", escape(words.in_(self._language))) for key, words in kinds]
        yield f'<section id="problems"><h2>{self._say("problems")}</h2><p>{self._say("problems_intro")}</p>'
        yield self._table(None, ("type", "meaning"), rows)
        yield "</section>"

    def _schemas(self) -> Iterator[str]:
        yield f'<section id="schemas"><h2>{self._say("schemas")}</h2>'
        for name, schema in sorted(self._document["components"]["schemas"].items()):
            yield f'<article id="schema-{escape(name)}"><h3><code>{escape(name)}</code></h3>'
            yield self._english(schema.get("description", ""))
            properties = schema.get("properties", {})
            if properties:
                needed = schema.get("required", ())
                rows = [
                    (
                        f"<code>{escape(field)}</code>",
                        self._type(inner),
                        self._necessity(field in needed, inner),
                        self._english(inner.get("description", "")),
                    )
                    for field, inner in properties.items()
                ]
                yield self._table(None, ("name", "type", "default", "meaning"), rows)
            else:
                yield f"<p>{self._type(schema)}</p>"
            yield "</article>"
        yield "</section>"

    def _type(self, schema: Mapping[str, Any]) -> str:
        """Return what a schema accepts, in a few words."""
        if "$ref" in schema:
            name = escape(schema["$ref"].rsplit("/", 1)[-1])
            return f'<a href="#schema-{name}">{name}</a>'
        if "const" in schema or "enum" in schema:
            values = schema.get("enum", [schema.get("const")])
            return " | ".join(f"<code>{escape(json.dumps(value, ensure_ascii=False))}</code>" for value in values)
        for word, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " &amp; ")):
            if word in schema:
                return sign.join(dict.fromkeys(map(self._type, schema[word])))
        return self._plain_type(schema)

    def _plain_type(self, schema: Mapping[str, Any]) -> str:
        kind = schema.get("type", "any")
        inner = ""
        if kind == "array":
            parts = schema.get("prefixItems") or [schema.get("items") or {}]
            inner = f" [{', '.join(map(self._type, parts))}]"
        elif isinstance(schema.get("additionalProperties"), Mapping):
            inner = f" {{… : {self._type(schema['additionalProperties'])}}}"
        limits = [words.format(schema[limit]) for limit, words in _LIMITS.items() if limit in schema]
        limits += [schema["format"]] if "format" in schema else []
        told = f" <small>{escape(', '.join(limits))}</small>" if limits else ""
        return f"{escape(' | '.join(kind) if isinstance(kind, list) else str(kind))}{inner}{told}"

    def _necessity(self, is_required: bool, schema: Mapping[str, Any]) -> str:
        if is_required:
            return f"<b>{self._say('required')}</b>"
        if "default" not in schema or schema["default"] is None:
            return "–"
        return f"<code>{escape(json.dumps(schema['default'], ensure_ascii=False))}</code>"

    def _table(self, title: str | None, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
        head = "".join(f'<th scope="col">{self._say(name)}</th>' for name in heads)
        body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
        heading = f"<h4>{self._say(title)}</h4>" if title else ""
        return f'{heading}<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'

    def _english(self, words: str) -> str:
        """Return what the document says of shapes, marked as English for those who have a page read to them."""
        prose = _prose(words)
        return prose if self._language == "en" or not prose else f'<div lang="en">{prose}</div>'

    def _translated(self, words: str) -> str:
        """Return what the document says of an operation in the language of the page."""
        return words if self._language == "en" else _japanese().get(_on_one_line(words), words)

    def _say(self, key: str) -> str:
        return escape(text(f"reference.{key}").in_(self._language))


@cache
def _japanese() -> Mapping[str, str]:
    """Return what the catalogue has for words of operations, by the English ones."""
    return {_on_one_line(words.en): words.ja for name in TRANSLATED for words in section(name).values()}


def _on_one_line(words: str) -> str:
    return " ".join(words.split())


def _grouped(document: Mapping[str, Any]) -> dict[str, list[tuple[str, str, Mapping[str, Any]]]]:
    """Return the operations by their tag, in the order of the tags."""
    groups: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                groups.setdefault(operation["tags"][0], []).append((path, method, operation))
    return {tag: found for tag, found in groups.items() if found}


def _prose(words: str) -> str:
    """Return paragraphs of Markdown, of which code and paragraphs are all that we write."""
    paragraphs = [part.strip() for part in words.split("\n\n") if part.strip()]
    marked = (_CODE.sub(r"<code>\1</code>", escape(part, quote=False)) for part in paragraphs)
    return "".join(f"<p>{part}</p>" for part in marked)


def _breakable(path: str) -> str:
    """Return a path that may be broken at its slashes, on narrow screens."""
    return escape(path).replace("/", "/<wbr>")
