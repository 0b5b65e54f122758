"""Every template compiles: a slip in a page nobody opened today is found here."""

import sys
from pathlib import Path

import django
from jinja2 import Environment, TemplateSyntaxError

from yigong.launch.environment import PROJECT


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
    try:
        environment.compile(path.read_text("utf-8"), str(path))
    except TemplateSyntaxError as error:
        return f"{path.relative_to(PROJECT)}:{error.lineno}: {error.message}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
