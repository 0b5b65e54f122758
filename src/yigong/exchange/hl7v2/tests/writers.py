"""Messages as an analyser writes them."""

from itertools import count

_serial = count(1)


def oru(
    number: str, values: dict[str, tuple[str, str]], *, control: str = "", sender: str = "BA400", kind: str = "ORU^R01",
    version: str = "2.3.1", status: str = "F", when: str = "20261101083000",
) -> str:  # fmt: skip
    """An ORU^R01 for one tube: analyte → (value, unit)."""
    lines = [
        f"MSH|^~\\&|{sender}|LAB|YIGONG|YIGONG|{when}||{kind}|{control or f'C{next(_serial)}'}|P|{version}||||||UNICODE UTF-8",
        "PID|1||||李^秀英||19860101|F",
        f"OBR|1|{number}|{number}|BIO^生化|||20261101080000",
    ]
    lines += [
        f"OBX|{place}|NM|{code}^{code}^L||{value}|{unit}|||||{status}|||20261101082500"
        for place, (code, (value, unit)) in enumerate(values.items(), start=1)
    ]
    return "\r".join(lines) + "\r"
