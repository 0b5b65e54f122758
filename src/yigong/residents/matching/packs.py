"""The definition of matching as a kind of the packs: versioned, archived, checked at every start."""

from yigong.core.packs.api import Kind, register
from yigong.residents.matching.definition import Definition, check

MATCHING: Kind[Definition] = register(Kind("matching", "matching.toml", Definition, check))
