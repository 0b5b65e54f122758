"""The door of ``workreport``: editions made, written, signed, issued and corrected; a report put together."""

from yigong.workreport.commands.editing import save_chapter
from yigong.workreport.commands.making import ask_edition, build_again, build_edition, correct_edition
from yigong.workreport.commands.moving import issue_edition, move_edition, sign_edition
from yigong.workreport.commands.returning import look_at_file, take_file
from yigong.workreport.data import Document, Saved
from yigong.workreport.queries.documents import document

__all__ = [
    "Document",
    "Saved",
    "ask_edition",
    "build_again",
    "build_edition",
    "correct_edition",
    "document",
    "issue_edition",
    "look_at_file",
    "move_edition",
    "save_chapter",
    "sign_edition",
    "take_file",
]
