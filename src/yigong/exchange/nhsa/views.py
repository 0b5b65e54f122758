"""Pages of the interface: the desk of messages."""

import json
from collections import Counter
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yigong.access.api import guarded
from yigong.core.asked import day_of
from yigong.core.paging import number_of
from yigong.exchange.nhsa import policies, queries
from yigong.exchange.nhsa.models import PlatformMessage
from yigong.exchange.nhsa.transactions import NAMES, TRANSACTIONS


def outcomes() -> dict[str, tuple[str, str]]:
    """Outcome: words, tone."""
    return {
        "answered": (_("成功"), "good"), "refused": (_("平台拒绝"), "warn"), "lost": (_("答复丢失"), "bad"), "down": (_("未送达"), "bad"),
    }  # fmt: skip


@require_GET
@guarded(policies.READ)
def messages(request: HttpRequest) -> HttpResponse:
    """Messages of the actor's institutions, with filters."""
    text, outcome = request.GET.get("text", "").strip()[:40], request.GET.get("outcome", "")
    found = queries.messages(
        request.actor.institution_ids, text=text, outcome=outcome if outcome in outcomes() else "", day=day_of(request.GET.get("day", "")),
        page=number_of(request.GET.get("page")),
    )  # fmt: skip
    context = {
        "page": found,
        "text": text,
        "outcome": outcome,
        "day": request.GET.get("day", ""),
        "outcomes": outcomes(),
        "names": NAMES,
    }
    choices = [("", _("全部")), *((code, words) for code, (words, _tone) in outcomes().items())]
    return render(request, "nhsa/messages.html", {**context, "choices": choices, "platform": settings.NHSA_ADDRESS})


@require_GET
@guarded(policies.READ)
def transactions(request: HttpRequest) -> HttpResponse:
    """All transactions of the interface: spoken, done by a file, or left out with the reason."""
    words = {"spoken": (_("发送"), "good"), "file": (_("以文件办理"), "info"), "out": (_("没有接"), "muted")}
    how = request.GET.get("how", "")
    rows = [one for one in TRANSACTIONS if how not in words or one.how == how]
    counts = Counter(one.how for one in TRANSACTIONS)
    tabs = [(f"{words[name][0]} {counts[name]}", f"?how={name}", how == name) for name in words]
    context = {
        "rows": rows, "words": words, "tabs": tabs, "how": how if how in words else "", "counts": counts, "total": len(TRANSACTIONS),
    }  # fmt: skip
    return render(request, "nhsa/transactions.html", context)


@require_GET
@guarded(policies.READ)
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One message as it went, numbers masked."""
    row = PlatformMessage.objects.filter(pk=message_id, institution_id__in=request.actor.institution_ids).first()
    if row is None:
        raise Http404
    texts = {
        name: json.dumps(value, ensure_ascii=False, indent=1)
        for name, value in (("request", row.request), ("answer", row.answer))
    }
    return render(request, "nhsa/message.html", {"row": row, "texts": texts, "outcomes": outcomes(), "names": NAMES})
