"""The full viewer below /ohif/: only its own files, only after sign-in, with a policy that names its inline scripts."""

import pytest
from django.test import Client

from yigong.access.tests.factories import make_person

pytestmark = pytest.mark.django_db


def test_the_viewer_is_served_behind_the_sign_in(data, settings, tmp_path):
    """Files, routes of the browser, compressed once; nothing outside the folder; a sentence where it is missing."""
    client = make_person("radiologist").client()
    assert client.get("/ohif/viewer").status_code == 404
    folder = settings.DATA / "ohif"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<script>let a=1</script><p>viewer</p>")
    (folder / "app.js").write_text("run()" * 1000)
    (folder / "app-config.js").write_text("window.config = {};")
    (settings.DATA / "secret.txt").write_text("secret")
    page = client.get("/ohif/viewer?StudyInstanceUIDs=1.2")
    assert "viewer" in page.content.decode() and "'sha256-" in page["Content-Security-Policy"]
    packed = client.get("/ohif/app.js", headers={"Accept-Encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip" and len(b"".join(packed.streaming_content)) < 200
    assert b"shownTours" in client.get("/ohif/app-config.js").content
    assert b"secret" not in client.get("/ohif/../secret.txt").content
    assert b"secret" not in client.get("/ohif/%2e%2e/secret.txt").content
    assert Client().get("/ohif/").status_code == 302
    assert make_person("insurance_clerk").client().get("/ohif/").status_code == 403
