"""The tree of refusals. Each has a stable code, a sentence for the user and the fields the sentence was made from."""

from typing import ClassVar

from django.utils.translation import gettext as _


class DomainError(Exception):
    """A command was refused for a reason that its user can understand and act on.

    ``code`` is stable and goes to interfaces; ``message`` is a msgid with ``%(field)s`` places, filled from ``fields``.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str] = "无法完成这个操作。"
    status: ClassVar[int] = 409

    def __init__(self, detail: str = "", /, **fields: object) -> None:
        self.detail, self.fields = detail, fields
        super().__init__(detail or self.code)

    def __str__(self) -> str:
        return self.detail or _(self.message) % self.fields


class InvalidInput(DomainError):
    """Input that cannot be accepted; ``errors`` maps a field name to a sentence naming the remedy."""

    code = "invalid"
    message = "填写的内容有误，请按提示修改。"
    status = 422

    def __init__(self, detail: str = "", /, *, errors: dict[str, str] | None = None, **fields: object) -> None:
        super().__init__(detail, **fields)
        self.errors = errors or {}


def sentence(refusal: DomainError) -> str:
    """A refusal in words where no form carries it: what is said of the fields, else the refusal itself."""
    fields = refusal.errors.values() if isinstance(refusal, InvalidInput) else ()
    return "".join(map(str, fields)) or str(refusal)


class NotFound(DomainError):
    """Nothing with this key exists."""

    code = "not_found"
    message = "没有找到，可能已被撤销或网址不完整。"
    status = 404


class Forbidden(DomainError):
    """The actor may not do this; the sentence says on what ground and what can be done instead."""

    code = "forbidden"
    message = "您没有这项操作的权限。"
    status = 403


class Conflict(DomainError):
    """Somebody else was first, or the object is no longer in the state the user saw."""

    code = "conflict"
    message = "内容已被他人更新，请刷新后再试。"
