"""Texts of the product: Chinese in the source, other languages in each app's ``locale/``.

``collect()`` finds the texts, ``update()`` writes the catalogues, ``missing()`` tells what is not translated, ``compile_all()`` makes
what Django reads. Found are: literals in gettext calls; Chinese literals under names that carry text for people
(``label``, ``message``, ``title``, the second place of ``declare`` …) or in lists of such; texts in templates.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.apps import apps
from django.conf import settings
from jinja2 import Environment
from jinja2.ext import extract_from_ast

_CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "N_"}
# Log lines, patterns and start-up faults are for operators and stay Chinese.
_SAID = {"compile", "warning", "info", "error", "exception", "debug", "critical", "ImproperlyConfigured", "print"}
_SAID |= {"RuntimeError", "ValueError", "LookupError", "TypeError", "write", "maketrans", "step"}
_CALLED = re.compile(rf"\b(?:{'|'.join(sorted(_CALLS))})\(")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PLACES = re.compile(r"%(?:\(\w+\))?[-#0 +]?\d*(?:\.\d+)?[sdifr]")
_SKIPPED = {"tests", "migrations", "management", "locale", "static"}
# Apps whose Chinese words are data of the demo county, not texts of the product.
_DATA_ONLY = {"yigong.demo"}
# A module says so when its Chinese literals are data or words for operators: names, patterns, log lines.
_OPT_OUT = "# texts: data"


@dataclass(frozen=True, slots=True)
class Text:
    """One msgid (with its plural, if it has one) and the files it stands in."""

    msgid: str
    plural: str = ""
    places: set[str] = field(default_factory=set, compare=False)


@dataclass(frozen=True, slots=True)
class Gap:
    """A text without a usable translation."""

    app: str
    msgid: str
    reason: str


def collect() -> dict[str, dict[str, Text]]:
    """The texts of every app, by app and msgid. Files of ``core`` outside any app count to the user interface kit."""
    found: dict[str, dict[str, Text]] = {}
    roots = _roots()
    for app, root in roots.items():
        texts = found.setdefault(app, {})
        for path in _files(root, set(roots.values())):
            for msgid, plural in _texts_in(path):
                text = texts.setdefault(msgid, Text(msgid, plural))
                text.places.add(path.relative_to(root.parent).as_posix())
    return found


def update() -> int:
    """Write each app's catalogue: new texts empty, gone texts dropped, translations kept. Returns the number of texts."""
    total = 0
    for app, texts in collect().items():
        total += len(texts)
        for language in _languages():
            _merge(_catalogue(_roots()[app], language), texts, language)
    return total


def missing(found: dict[str, dict[str, Text]] | None = None) -> list[Gap]:
    """Texts without translation, or whose translation has other places to fill in than the text; of what ``collect()`` has found."""
    gaps = []
    for app, texts in (collect() if found is None else found).items():
        for language in _languages():
            path = _catalogue(_roots()[app], language)
            known = {e.msgid: e for e in polib.pofile(str(path))} if path.exists() else {}
            gaps += [Gap(app, msgid, reason) for msgid in texts if (reason := _gap(known.get(msgid)))]
    return gaps


def compile_all() -> int:
    """Compile catalogues that are newer than what Django reads; safe when several processes start at once."""
    compiled = 0
    for root in _roots().values():
        for source in root.glob("locale/*/LC_MESSAGES/django.po"):
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            fresh = target.with_suffix(f".{id(target)}.tmp")
            polib.pofile(str(source)).save_as_mofile(str(fresh))
            fresh.replace(target)
            compiled += 1
    return compiled


def _languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def _roots() -> dict[str, Path]:
    every = {c.name: Path(c.path) for c in apps.get_app_configs() if c.name.startswith("yigong.")}
    return {name: path for name, path in every.items() if name not in _DATA_ONLY}


def _files(root: Path, others: set[Path]) -> Iterator[Path]:
    tops = [root]
    if root.name == "ui":
        tops += [
            p for p in root.parent.iterdir() if p not in others and (p.suffix == ".py" or (p / "__init__.py").exists())
        ]
    below = [other for other in others if other != root and other.is_relative_to(root)]
    for top in tops:
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.suffix not in {".py", ".html"}:
                continue
            inside = path.relative_to(root.parent if root.name == "ui" else root)
            if not _SKIPPED & set(inside.parts) and not any(path.is_relative_to(other) for other in below):
                yield path


def _texts_in(path: Path) -> Iterator[tuple[str, str]]:
    source = path.read_text("utf-8")
    if path.suffix == ".html":
        for _line, _function, message in extract_from_ast(_JINJA.parse(source)):
            pair = message if isinstance(message, tuple) else (message, "")
            if pair[0]:  # None where a variable is translated
                yield pair[0], pair[1] or ""
    elif _OPT_OUT not in source and (_HAN.search(source) or _CALLED.search(source)):
        yield from _texts_in_python(ast.parse(source))


def _texts_in_python(tree: ast.AST) -> Iterator[tuple[str, str]]:
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Expr | ast.Call)]
    quiet = {id(node) for node in nodes if isinstance(node, ast.Expr) or _name(node.func) in _SAID}
    for node in nodes:
        if isinstance(node, ast.Call) and _name(node.func) in _CALLS and node.args:
            words = [a.value for a in node.args[:2] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if words:
                plural = words[1] if len(words) > 1 and "ngettext" in _name(node.func) else ""
                yield words[0], plural
    for text in _loose(tree, quiet):
        yield text, ""


def _loose(node: ast.AST, quiet: set[int]) -> Iterator[str]:
    """Chinese literals outside gettext calls, docstrings and log lines; they are translated where they are shown."""
    for child in ast.iter_child_nodes(node):
        if id(child) in quiet and isinstance(getattr(child, "value", None), ast.Constant):
            continue
        if isinstance(child, ast.JoinedStr) or (isinstance(child, ast.Call) and id(child) in quiet):
            continue
        if isinstance(child, ast.Call) and _name(child.func) in _CALLS:
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str) and _HAN.search(child.value):
            yield child.value
        else:
            yield from _loose(child, quiet)


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _catalogue(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def _merge(path: Path, texts: dict[str, Text], language: str) -> None:
    known = {e.msgid: e for e in polib.pofile(str(path))} if path.exists() else {}
    if not texts and not known:
        return
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for msgid in sorted(texts):
        catalogue.append(_entry(texts[msgid], known.get(msgid)))
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text("utf-8") != str(catalogue) + "\n":
        path.write_text(str(catalogue) + "\n", "utf-8")


def _entry(text: Text, old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgid=text.msgid, occurrences=[(place, "") for place in sorted(text.places)])
    if text.plural:
        entry.msgid_plural = text.plural
        entry.msgstr_plural = old.msgstr_plural if old and old.msgstr_plural else {0: "", 1: ""}
    else:
        entry.msgstr = old.msgstr if old else ""
    if "%(" in text.msgid:
        entry.flags.append("python-format")
    return entry


def _gap(entry: polib.POEntry | None) -> str:
    if entry is None:
        return "not in the catalogue"
    translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if not all(translations):
        return "not translated"
    places = sorted(_PLACES.findall(entry.msgid))
    if "%(" in entry.msgid and any(sorted(_PLACES.findall(one)) != places for one in translations):
        return "other places to fill in"
    return ""


_JINJA = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], trim_blocks=True, lstrip_blocks=True)
