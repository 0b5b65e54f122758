"""The list of transactions is true: what it calls spoken is what the gateway sends, and everything else says why not."""

import ast
from pathlib import Path

import pytest

from yigong.exchange.nhsa import envelope, gateway
from yigong.exchange.nhsa.simulator import transactions as simulator
from yigong.exchange.nhsa.transactions import NAMES, TRANSACTIONS
from yigong.insurance.claims.gateway import LIST_UPLOAD
from yigong.insurance.settlement.tests.test_pages import Desk


def test_spoken_is_what_is_sent() -> None:
    """Numbers that stand in the gateway's calls, and those in the table."""
    tree = ast.parse(Path(gateway.__file__).read_text("utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    sent = {text for text in texts if len(text) == 4 and text.isdigit() and text in NAMES}
    spoken = {one.number for one in TRANSACTIONS if one.how == "spoken"}
    print(f"\n{len(spoken)} of {len(TRANSACTIONS)} transactions are spoken")
    assert spoken and sent - {"9901"} == spoken


def test_everything_else_says_why() -> None:
    """Each number once; a file or a reason; what the envelope and the simulator know is in the table."""
    assert len(NAMES) == len(TRANSACTIONS) > 100
    assert all(bool(one.why) == (one.how != "spoken") for one in TRANSACTIONS)
    assert {one.how for one in TRANSACTIONS} == {"spoken", "file", "out"}
    assert {*envelope.WRITING, *simulator.TRANSACTIONS, LIST_UPLOAD} <= NAMES.keys()
    for number in ("3260", "3203"):
        assert next(one for one in TRANSACTIONS if one.number == number).how != "spoken"


@pytest.mark.django_db
def test_the_page() -> None:
    """The list with its tabs, from the page of messages."""
    client = Desk().sign_in("insurance_clerk")
    assert "接口交易清单" in client.get("/nhsa/").content.decode()
    page = client.get("/nhsa/transactions/?how=out").content.decode()
    assert "字典表查询" in page and "没有字段" in page and "门诊结算撤销" not in page
    assert "门诊结算撤销" in client.get("/nhsa/transactions/").content.decode()
