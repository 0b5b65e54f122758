"""For mypy only: every request carries ``actor`` (set by ``access.middleware``); a guarded view never sees None there.

Without this the type checker knows Django's request but not ours, and each view would need an ignore of its own.
"""

from collections.abc import Callable

from mypy.nodes import MDEF, SymbolTableNode, Var
from mypy.plugin import ClassDefContext, Plugin
from mypy.types import AnyType, TypeOfAny


class RequestPlugin(Plugin):
    """Adds the attribute to Django's class."""

    def get_customize_class_mro_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        """Only for HttpRequest."""
        return _add_actor if fullname == "django.http.request.HttpRequest" else None


def _add_actor(context: ClassDefContext) -> None:
    info = context.cls.info
    if "actor" not in info.names:
        actor = Var("actor", AnyType(TypeOfAny.explicit))
        actor.info = info
        info.names["actor"] = SymbolTableNode(MDEF, actor)


def plugin(version: str) -> type[Plugin]:
    """mypy's entry."""
    return RequestPlugin
