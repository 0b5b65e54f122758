"""The shell's door: figures counted again after a bulk load."""

from yigong.console.commands import refresh_figures

__all__ = ["refresh_figures"]
