"""Changes of taking on: upload, columns, trial, the real run, undo."""

from yigong.exchange.takeon.commands.running import start_check, start_run, start_undo
from yigong.exchange.takeon.commands.uploading import discard, name_columns, upload

__all__ = ["discard", "name_columns", "start_check", "start_run", "start_undo", "upload"]
