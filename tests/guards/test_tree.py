"""What lies in the project's tree."""

import shutil
import subprocess

import pytest

from yigong.launch.environment import PROJECT


def test_nothing_points_out_of_the_tree() -> None:
    """No link is part of the project: it would lead to a folder that only one machine has."""
    if not (PROJECT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a checkout")
    listed = subprocess.run(["git", "ls-files", "--stage"], cwd=PROJECT, capture_output=True, text=True, check=True)
    files = listed.stdout.splitlines()
    found = [line.split("\t")[1] for line in files if line.startswith("120000 ")]
    print(f"\n{len(files)} files, {len(found)} links")
    assert files and not found, found
