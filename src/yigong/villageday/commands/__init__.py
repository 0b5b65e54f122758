"""What changes the village day."""

from yigong.villageday.commands.bundles import revoke_bundle, take_bundle
from yigong.villageday.commands.entries import accept_entry, drop_entry, receive

__all__ = ["accept_entry", "drop_entry", "receive", "revoke_bundle", "take_bundle"]
