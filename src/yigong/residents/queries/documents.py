"""Which document numbers there are and whose they are, for rooms that issue documents."""

from collections.abc import Collection
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.residents.data import DocumentUse
from yigong.residents.models import Identifier
from yigong.residents.rules import numbers, people, sealing
from yigong.residents.rules.text import squeeze


def document_kinds() -> dict[str, str]:
    """Label of every kind of document by its code of CV02.01.101 (kinds of ours below 99 carry a letter)."""
    return {k.code: _(k.label) for k in numbers.KINDS.values()}


def document_uses(text: str) -> list[DocumentUse]:
    """Everybody under whose name this number is or was kept, of whatever kind, the living uses first. No decision is made here."""
    value = squeeze(text)
    if not value or len(value) > 50:
        return []
    forms = {value, numbers.upgrade(value)} if len(value) == 15 and value.isdigit() else {value}
    wanted = [d for kind in numbers.KINDS for form in forms for d in sealing.digests("number:" + kind, form)]
    found = Identifier.objects.filter(digest__in=wanted).order_by("-is_active", "-since")
    return [
        DocumentUse(
            i.id, i.resident_id, i.kind, _(numbers.KINDS[i.kind].label), i.is_active, numbers.KINDS[i.kind].unique
        )
        for i in found
    ]


def document_numbers(ids: Collection[UUID]) -> dict[UUID, str]:
    """Masked number by identifier."""
    return {
        i.id: people.mask_number(sealing.unseal(i.sealed, f"identifier:{i.id}"))
        for i in Identifier.objects.filter(pk__in=ids)
    }
