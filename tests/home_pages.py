"""A browser without a browser for the home page: opens it over a folder, reads forms, sends them and files."""

from contextlib import contextmanager

from review_pages import HOST as ADDRESS
from review_pages import ORIGIN, TOKEN, Coder
from starlette.testclient import TestClient

from lbc_themes.home.server import make_home_app
from lbc_themes.home.studies import StudyFolder


class Keeper(Coder):
    """One browser with a session of the home page."""

    def upload(self, path, files, **fields):
        """Send a form with files, as (field, name, bytes)."""
        csrf = self.get("/").text.split('name="csrf" value="')[1].split('"')[0]
        sent = [(field, (name, data)) for field, name, data in files]
        self.page = self.client.post(
            self.base + path, data={"csrf": csrf, **fields}, files=sent or None, headers={"origin": ORIGIN}
        )
        return self.page


@contextmanager
def home(folder, **more):
    """Open the home page of a folder."""
    known = StudyFolder(folder, settings=folder / "settings" / "home.json")
    app = make_home_app(known, address=ADDRESS, token=TOKEN, **more)
    with TestClient(app, base_url=ORIGIN) as client:
        yield Keeper(client)
