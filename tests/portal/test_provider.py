"""People sign in to the portal by the provider that vouches for them, with a real browser."""

import re

import pytest
from browsing import chromium, visiting

from accord.api.application import create_app
from accord.api.settings import Provider, Settings
from accord.app import open_server
from accord.portal.application import with_portal
from accord.testing.private_api import PrivateApi
from accord.testing.private_provider import CLIENT, PrivateProvider

pytestmark = pytest.mark.browser


def test_a_person_is_vouched_for_and_signs_out_again(tmp_path):
    with PrivateProvider() as provider, open_server(tmp_path / "data") as server:
        provider.person["roles"] = ["Administrator"]
        known = Provider(authority=provider.authority, client_id=CLIENT)
        settings = Settings(rate_anonymous=0, rate_signed_in=0, provider=known)
        with (
            PrivateApi(with_portal(create_app(server, settings), server, settings)) as api,
            chromium() as browser,
            visiting(browser, api.url) as visitor,
        ):
            page = visitor.page
            visitor.go("/plans?state=held")
            page.get_by_role("link", name=re.compile("^Sign in with")).click()
            page.wait_for_url(re.compile(r"/plans\?state=held$"))
            assert page.locator("h1").text_content() == "Plans"
            assert page.get_by_role("button", name="Plan the synchronisation").is_visible()
            page.get_by_role("button", name="Sign out").click()
            page.wait_for_url(re.compile("/sign-in"))
            visitor.go("/plans")
            assert "/sign-in" in page.url
            assert visitor.said == []
