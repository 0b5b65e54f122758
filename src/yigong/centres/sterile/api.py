"""The sterile supply centre's door for other rooms."""

from yigong.centres.sterile.commands.using import use_pack
from yigong.centres.sterile.data import Scanned, UsedPack
from yigong.centres.sterile.queries.packs import used_in, used_of_encounter

__all__ = ["Scanned", "UsedPack", "use_pack", "used_in", "used_of_encounter"]
