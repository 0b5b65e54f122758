"""Two demos on one machine: the second one's services for devices listen beside the first one's."""

import socket

import pytest

from yigong.launch import run


def test_a_taken_port_for_devices_moves_on_in_a_demo_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The next free port is taken and told; a named port and a real installation are left as they are."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(
            run, "DEVICE_PORTS", {"影像接收": ("YIGONG_A_PORT", port), "仪器接收": ("YIGONG_B_PORT", port)}
        )
        monkeypatch.setenv("YIGONG_A_PORT", "104")
        monkeypatch.setenv("YIGONG_B_PORT", "")
        monkeypatch.delenv("YIGONG_B_PORT")
        with monkeypatch.context() as real:
            real.setenv("YIGONG_MODE", "production")
            run.device_ports()
            assert "YIGONG_B_PORT" not in run.os.environ and capsys.readouterr().out == ""
        monkeypatch.setenv("YIGONG_MODE", "demo")
        run.device_ports()
        chosen = int(run.os.environ["YIGONG_B_PORT"])
        assert port < chosen < port + 20 and run.os.environ["YIGONG_A_PORT"] == "104"
        assert f"端口 {port} 已被占用，仪器接收改用 {chosen}" in capsys.readouterr().out
