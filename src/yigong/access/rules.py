"""Pure rules: the password policy and the wait after failed sign-ins."""

import re
from datetime import timedelta

FREE_ATTEMPTS = 5
_LONGEST_WAIT = timedelta(minutes=30)
_COMMON = ("password", "12345678", "qwerty", "abc123", "admin", "yigong", "iloveyou", "88888888", "66666666", "woaini")
_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")


def wait_after(failures: int) -> timedelta:
    """How long the pair of name and address waits after so many failures in a row: 30 s, 1, 2, 4… minutes, at most 30."""
    if failures < FREE_ATTEMPTS:
        return timedelta()
    return min(timedelta(seconds=30 * 2 ** min(failures - FREE_ATTEMPTS, 10)), _LONGEST_WAIT)


def password_problems(password: str, username: str = "", initials: str = "") -> list[str]:
    """What the password lacks, as msgids naming the remedy; empty when it is good enough."""
    problems = []
    folded = password.lower()
    if len(password) < 10:
        problems.append("密码至少 10 位，建议用三四个不相干的词连起来。")
    if len(password) > 128:
        problems.append("密码最长 128 位。")
    if len(password) < 16 and sum(bool(re.search(pattern, password)) for pattern in _CLASSES) < 3:
        problems.append("16 位以下的密码需包含小写字母、大写字母、数字、符号中的三种。")
    if username and len(username) >= 3 and username.lower() in folded:
        problems.append("密码里不能包含用户名。")
    if initials and len(initials) >= 3 and initials in folded:
        problems.append("密码里不能包含姓名拼音首字母。")
    if any(word in folded for word in _COMMON) or re.search(r"(.)\1{3}", password):
        problems.append("密码太常见或重复过多，容易被猜中，请换一个。")
    return problems
