"""What may be shown and followed as an address on the web."""

import pytest

from ham_recommend.net.addresses import web_address


@pytest.mark.parametrize(
    "address", ["https://museum.test/a?b=c@d#e", "http://museum.test:8080/@me", "HTTPS://a.b"]
)
def test_an_address_on_the_web_stays_as_it_is(address):
    assert web_address(address) == address


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://me:secret@museum.test/",
            "https://me@museum.test/",
            "https://@museum.test/",
            "https://:80/",
        ),
        *("ftp://museum.test/", "javascript:alert(1)", "//museum.test", "https://", "https://[", ""),
    ],
)
def test_nothing_else_is_an_address_least_of_all_with_a_password(text):
    assert web_address(text) == ""
