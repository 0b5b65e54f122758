"""One person acts for another. Spans are half-open: ``ends_on`` is the first day that no longer counts."""

from django.db import models
from django.db.models import F, Q

from yigong.core.audit.api import audited
from yigong.core.states.api import bind
from yigong.core.states.models import Stateful, due_index
from yigong.residents.proxies.rules import ACTIVE, BASES, PROXY


@audited
class Proxy(Stateful):
    """``agent`` may act for ``principal``; ``relation`` (GB/T 4761) is what the agent is to the principal."""

    principal = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(max_length=2)
    basis = models.CharField(max_length=9)
    document = models.CharField(max_length=120, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["principal", "agent"], condition=Q(state=ACTIVE), name="one_proxy_per_pair"
            ),
            models.CheckConstraint(condition=~Q(principal=F("agent")), name="proxy_is_another"),
            models.CheckConstraint(condition=Q(basis__in=list(BASES)), name="proxy_basis_is_known"),
            models.CheckConstraint(condition=Q(state__in=list(PROXY.states)), name="proxy_state_is_known"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="proxy_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(basis="guardian") | ~Q(document=""), name="proxy_has_its_document"),
            # A guardian of a minor always ends: at the eighteenth birthday at the latest.
            models.CheckConstraint(
                condition=~Q(basis="guardian") | Q(ends_on__isnull=False), name="proxy_guardian_ends"
            ),
        ]
        indexes = [due_index("proxy_due")]


bind(PROXY, Proxy)
