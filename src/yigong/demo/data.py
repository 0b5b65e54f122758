"""What the demo county tells others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Login:
    """One account to try a role with."""

    role: str
    username: str
    password: str
    institution: str
