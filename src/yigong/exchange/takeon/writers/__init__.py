"""Who writes the rows of each layout: always the owner's commands and bulk doors."""

from yigong.exchange.takeon.writers.base import Writer, register, writer_of

__all__ = ["Writer", "register", "writer_of"]
