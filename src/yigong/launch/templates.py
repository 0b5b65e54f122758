"""Every template compiles: a slip in a page nobody opened today is found here."""

import re
import sys
from pathlib import Path

import django
from jinja2 import Environment, TemplateSyntaxError
from jinja2.ext import extract_from_ast

from yigong.launch.environment import PROJECT

_LONELY = re.compile(r"(?<!%)%(%%)*(?![%(])")


def main() -> int:
    """Compile all templates below ``src``; prints how many and each mistake with file and line."""
    django.setup()
    from django.template import engines
    from django.template.backends.jinja2 import Jinja2

    backend = engines.all()[0]
    assert isinstance(backend, Jinja2)
    environment = backend.env
    found = sorted((PROJECT / "src").glob("**/templates/**/*.html"))
    mistakes = [text for path in found if (text := _mistake(environment, path))]
    print("\n".join([*mistakes, f"{len(found)} templates, {len(mistakes)} with mistakes"]))
    return 1 if mistakes or not found else 0


def _mistake(environment: Environment, path: Path) -> str:
    text, name = path.read_text("utf-8"), path.relative_to(PROJECT)
    try:
        tree = environment.parse(text, str(path))
        # Read once; to make code changes the tree, so the texts are taken out first.
        said = list(extract_from_ast(tree))
        environment.compile(tree, str(path))
    except TemplateSyntaxError as error:
        return f"{name}:{error.lineno}: {error.message}"
    # Texts are always filled in by "%", so a percent sign of its own is written twice; once, it fails when the page is shown.
    for line, _function, message in said:
        if isinstance(message, str) and _LONELY.search(message):
            return f"{name}:{line}: a percent sign is written twice in a text: {message}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
