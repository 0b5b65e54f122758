"""What the pages share."""

from django.utils.translation import gettext as _

TONES = {
    "packing": "neutral", "waiting": "warn", "aboard": "info", "arrived": "info", "received": "good", "damaged": "bad", "lost": "bad",
    "withdrawn": "muted", "planned": "neutral", "under_way": "info", "done": "good", "cancelled": "muted",
}  # fmt: skip


def views() -> dict[str, str]:
    """The tabs of the list of consignments."""
    return {
        "to_send": _("待送出"), "aboard": _("在途"), "arrived": _("待签收"), "received": _("已签收"), "failed": _("破损、丢失、撤回"),
    }  # fmt: skip
