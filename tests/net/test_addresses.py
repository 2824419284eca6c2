"""Addresses: which are on the web, which are public, and which part of one is a secret."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ham_recommend.net.addresses import Secret, is_public, public_address, web_address


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


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1"),
        "fec0::1",
        *("192.0.0.1", "192.0.0.8", "192.0.0.171", "192.88.99.1", "192.88.99.2", "3fff::1", "3fff:fff::1"),
        *(
            "100::1",
            "100:0:0:1::1",
            "64:ff9b:1::1",
            "2001:2::1",
            "2001:20::1",
            "5f00::1",
            "4000::1",
            "1000::1",
        ),
    ],
)
def test_an_address_of_a_private_or_special_kind_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "8.8.8.8",
        "192.0.1.1",
        "192.88.98.255",
        "2606:2800:220:1::1",
        "2001:200::1",
        "3ffe::1",
        "::ffff:8.8.8.8",
    ],
)
def test_an_address_on_the_internet_is_public(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_wrapping_an_address_in_ipv6_changes_nothing(address):
    assert is_public(f"::ffff:{address}") == is_public(str(address))
    assert is_public(str(ipaddress.IPv6Address(int(ipaddress.ip_address("64:ff9b::")) + int(address)))) == (
        is_public(str(address))
    )


SPECIAL = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
    *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
    *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    *("64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32", "2002::/16"),
    *("3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
)


@given(st.one_of(*(st.ip_addresses(network=network) for network in SPECIAL)))
def test_no_address_of_a_special_network_is_public(address):
    assert not is_public(str(address))


def test_a_secret_is_never_sent_without_encryption_where_it_belongs_to_an_encrypted_place():
    secret = Secret("apikey", "a key", "https://api.example.org")
    assert secret.query_for("https://api.example.org/object") == "apikey=a%20key"
    assert secret.query_for("http://api.example.org/object") == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://museum.test/a?b=c@d#e",
        "http://museum.test:8080/@me",
        "https://93.184.216.34/x.jpg",
        "https://[2606:2800:220:1::1]/x.jpg",
        "https://my_bucket.s3.example.com/a b.jpg".replace(" ", "%20"),
        "https://müller.example/bild.jpg",
        "https://0x5db8d822/",
        "https://10.museum.example/",
        "https://museum.example./x.jpg",
        "https://local.example/",
    ],
)
def test_a_browser_may_be_sent_to_what_is_public(address):
    assert public_address(address) == address


LOOPBACK = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "0x7f.1",
    "0177.0.0.1",
)


@pytest.mark.parametrize(
    "host",
    [
        *LOOPBACK,
        *(f"{host}." for host in LOOPBACK),
        *("0", "0.0.0.0", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "4294967295"),
        *(
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fc00::1]",
            "[::ffff:127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[::1%25eth0]",
        ),
        *("localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "db.internal", "nas.lan"),
        *("router", "intranet", "x.corp", "x.home", "x.home.arpa", "x.home.arpa.", "X.LOCAL"),
        *("%31%32%37.0.0.1", "127%2e0%2e0%2e1", "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.0.1", "𝟏𝟐𝟕.0.0.1"),
        *("127\u200b.0.0.1", "127\xad.0.0.1", "local\xadhost", "ⓛocalhost", "localhost\\.museum.test"),
        *("museum.test\\@127.0.0.1", "me@127.0.0.1", "127.0.0.1\t", "1.2.3.4.5", "256.1.1.1", "08.1.1.1", ""),
    ],
)
def test_a_browser_is_never_sent_into_its_reader_s_own_network(host):
    for address in (f"http://{host}/x.jpg", f"https://{host}:8080/x.jpg", f"HTTP://{host}"):
        assert public_address(address) == ""


@pytest.mark.parametrize(
    "address", ["http:127.0.0.1/x", "http:/127.0.0.1", "http:///127.0.0.1", " http://a.b"]
)
def test_nor_by_an_address_that_browsers_read_more_kindly(address):
    assert public_address(address) == ""


@given(st.ip_addresses(v=4), st.sampled_from(["{}", "{:#x}", "0{:o}"]))
def test_an_ipv4_address_is_judged_the_same_as_one_number(address, spelt):
    expected = is_public(str(address))
    assert bool(public_address(f"http://{spelt.format(int(address))}/")) == expected
