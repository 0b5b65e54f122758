"""The page behind an offered contract's link: no sign-in, one contract, and only who knows the number's end confirms it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yigong.contracts import api
from yigong.contracts.commands.signing import digest
from yigong.contracts.models import Contract
from yigong.contracts.queries import contracts
from yigong.contracts.rules.packs import rules
from yigong.core.errors import DomainError
from yigong.core.rights import guarded
from yigong.residents import api as residents


@guarded("public")
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What is offered, and the confirmation by the last four characters of the signer's number."""
    row = Contract.objects.filter(token=digest(token)).exclude(token="").select_related("team").first()
    if row is None:
        return _closed(request)
    sentence = ""
    if request.method == "POST":
        try:
            done = api.confirm_contract(token=token, proof=request.POST.get("proof", "")[:20])
            row = Contract.objects.select_related("team").get(pk=row.pk)
            sentence = "" if done.state == "valid" else _wrong(row)
        except DomainError as refusal:
            sentence = str(refusal)
    over = row.state != "valid" and (row.state != "offered" or row.tries >= rules(row.starts_on).confirm_tries)
    if over:
        return _closed(request)
    person = residents.identity(row.resident_id)
    signer = residents.identity(row.signer_id) if row.signer_id else person
    values = {
        "contract": contracts.to_data(row), "items": contracts.items_of(row), "name": _masked(person.name), "sentence": sentence,
        "signer": _masked(signer.name), "has_number": bool(signer.masked_number), "agreement": rules(row.starts_on).agreement,
    }  # fmt: skip
    response = render(request, "contracts/confirm.html", values, status=422 if sentence else 200)
    # The link is a secret: no other site learns it. Without any referrer the browser would send the form with origin null, which is refused.
    response["Referrer-Policy"] = "same-origin"
    return response


def _wrong(row: Contract) -> str:
    left = rules(row.starts_on).confirm_tries - row.tries
    return _("号码不符，还可以试 %(n)s 次。") % {"n": left}


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "contracts/confirm.html", {"contract": None}, status=410)


def _masked(name: str) -> str:
    return name[0] + "*" * (len(name) - 1) if len(name) < 3 else name[0] + "*" * (len(name) - 2) + name[-1]
