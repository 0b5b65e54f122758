"""The door of the message desk: what a program beside the platform may hand in."""

from yigong.exchange.hl7v2.commands import correct, discard, receive, replay

__all__ = ["correct", "discard", "receive", "replay"]
