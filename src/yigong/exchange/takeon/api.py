"""The door of ``exchange.takeon``: a file is uploaded, its columns named, tried, taken on, undone."""

from yigong.exchange.takeon.commands import discard, name_columns, start_check, start_run, start_undo, upload

__all__ = ["discard", "name_columns", "start_check", "start_run", "start_undo", "upload"]
