"""Dates as museums write them; forms.txt beside it has those of many more museums and languages."""

import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from ham_recommend.catalog.dates import EARLIEST, LATEST, UNKNOWN, DateRange, parse_date
from ham_recommend.catalog.dates.periods import PERIODS
from ham_recommend.catalog.dates.vocabulary import phrases_by_first_word, words_of


def years(text):
    found = parse_date(text)
    return (found.begin, found.end)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("1889", 1889, 1889),
        ("[1650]", 1650, 1650),
        ("1650?", 1650, 1650),
        ("dated 1703", 1703, 1703),
        ("probably 1662", 1662, 1662),
        ("ｄａｔｅｄ 1654", 1654, 1654),
        ("607", 607, 607),
        ("1504/05", 1504, 1505),
        ("1871-6", 1871, 1876),
        ("1871–1956", 1871, 1956),
        ("1871—1956", 1871, 1956),
        ("1999–2", 1999, 2002),
        ("1899-02", 1899, 1902),
        ("1850 to 1860", 1850, 1860),
        ("1850 bis 1860", 1850, 1860),
        ("de 1850 à 1860", 1850, 1860),
        ("between 1850 and 1860", 1850, 1860),
        ("1786 or 1800", 1786, 1800),
        ("1995–6, 2007", 1995, 2007),
        ("1900-1850", 1850, 1900),
    ],
)
def test_years(text, begin, end):
    assert years(text) == (begin, end)


@pytest.mark.parametrize(
    "text", ["c. 1650", "c.1650", "ca. 1650", "circa 1650", "um 1650", "vers 1650", "omstreeks 1650", "~1650"]
)
def test_about_is_five_years_either_way(text):
    assert parse_date(text) == DateRange(1645, 1655, 0.8)


def test_about_counts_for_what_a_dash_joins():
    assert years("c. 1925-1940") == (1920, 1945)
    assert years("1795–c. 1805") == (1795, 1810)
    assert years("ca. 1450 BC") == (-1460, -1440)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("17th century", 1601, 1700),
        ("seventeenth century", 1601, 1700),
        ("17th-century", 1601, 1700),
        ("17th c.", 1601, 1700),
        ("19. Jh.", 1801, 1900),
        ("18./19. Jahrhundert", 1701, 1900),
        ("XVIe siècle", 1501, 1600),
        ("XVIe s.", 1501, 1600),
        ("XVI secolo", 1501, 1600),
        ("siglo XVI", 1501, 1600),
        ("s. XVI", 1501, 1600),
        ("17e eeuw", 1601, 1700),
        ("early 17th century", 1601, 1625),
        ("mid-15th century", 1426, 1475),
        ("late 19th century", 1876, 1900),
        ("Ende 19. Jh.", 1876, 1900),
        ("first half of the 19th century", 1801, 1850),
        ("1. Hälfte 19. Jh.", 1801, 1850),
        ("19. Jh., 1. Hälfte", 1801, 1850),
        ("seconda metà del XVI secolo", 1551, 1600),
        ("eerste helft 17e eeuw", 1601, 1650),
        ("third quarter of the 15th century", 1451, 1475),
        ("3rd quarter 15th century", 1451, 1475),
        ("last quarter of the 17th century", 1676, 1700),
        ("second third of the 18th century", 1734, 1767),
        ("first decade of the 20th century", 1901, 1910),
        ("turn of the 20th century", 1891, 1910),
        ("late 18th-early 19th century", 1776, 1825),
        ("fin XVIIIe - début XIXe siècle", 1776, 1825),
        ("c. mid- to late-19th century", 1826, 1900),
        ("mid–late 16th century", 1526, 1600),
        ("16th or 17th century", 1501, 1700),
        ("third century BC", -300, -201),
        ("2nd century BC", -200, -101),
        ("4th-3rd century BC", -400, -201),
        ("early 5th century BCE", -500, -476),
        ("1st century BC - 1st century AD", -100, 100),
        ("1st millennium B.C.E.", -1000, -1),
    ],
)
def test_centuries(text, begin, end):
    assert years(text) == (begin, end)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("1960s", 1960, 1969),
        ("1960's", 1960, 1969),
        ("1880er Jahre", 1880, 1889),
        ("années 1960", 1960, 1969),
        ("anni 1960", 1960, 1969),
        ("early 1890s", 1890, 1894),
        ("late 1890s", 1895, 1899),
        ("1960s-70s", 1960, 1979),
        ("c. 1920s", 1915, 1934),
        ("1800s", 1800, 1899),
        ("2000s", 2000, 2009),
    ],
)
def test_decades(text, begin, end):
    assert years(text) == (begin, end)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("300-200 BCE", -300, -200),
        ("300 v. Chr.", -300, -300),
        ("450 av. J.-C.", -450, -450),
        ("300 a.C.", -300, -300),
        ("-450", -450, -450),
        ("10,000 BCE", -10000, -10000),
        ("50 BCE–50 CE", -50, 50),
        ("206 BCE-220 CE", -206, 220),
        ("100 BC-AD 400", -100, 400),
        ("AD 340-400", 340, 400),
        ("AD 79", 79, 79),
        ("A.H. 1042/A.D. 1632–33", 1632, 1633),
        ("941 AH/AD 1534", 1534, 1534),
        ("892 AH/AD 1486-900 AH/AD 1494-1495", 1486, 1495),
        ("late 11th century AH/AD 17th century", 1676, 1700),
        ("AH 1042", 1633, 1633),
        ("7192 AM/AD 1684", 1684, 1684),
        ("1461 (Samvat 1519)", 1461, 1461),
        ("Samvat 1519", 1462, 1462),
        ("am 5. Mai 1850", 1850, 1850),
    ],
)
def test_eras_and_calendars(text, begin, end):
    assert years(text) == (begin, end)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("Ming dynasty, 1368–1644", 1368, 1644),
        ("Ming", 1368, 1644),
        ("Edo period (1603-1867)", 1603, 1867),
        ("Edo period (1603-1867), 19th century", 1801, 1867),
        ("Qing dynasty, Qianlong period (1736-1795)", 1736, 1795),
        ("Qing dynasty, 17th century", 1644, 1700),
        ("Northern Song dynasty", 960, 1127),
        ("18th Dynasty", -1550, -1295),
        ("New Kingdom, Dynasty 18, ca. 1479–1458 BC", -1489, -1448),
        ("Victorian", 1837, 1901),
    ],
)
def test_periods_count_where_nothing_closer_is_said(text, begin, end):
    assert years(text) == (begin, end)


@pytest.mark.parametrize(
    "text",
    [
        "12 June 1903",
        "June 12, 1903",
        "June 10-12, 1903",
        "3/24/1903",
        "24.3.1903",
        "1903-06-12",
        "1903-06-12T00:00:00Z",
        "19030612",
        "19030612T000000",
        "6/1903",
        "June1903",
        "12. Juni 1903",
        "12 juin 1903",
        "5 de mayo de 1903",
        "spring 1903",
        "May - June 1903",
    ],
)
def test_calendar_dates_are_their_year(text):
    assert years(text) == (1903, 1903)


def test_eight_digits_that_are_no_date_stay_unknown():
    assert parse_date("18891231").begin == 1889
    assert years("18891231/18900102") == (1889, 1890)
    for text in ("18891331", "18890200", "00011231", "118891231", "1889123112"):
        assert parse_date(text) == UNKNOWN


def test_a_month_and_a_short_year_look_alike():
    assert years("1929-03") == (1929, 1929)
    assert years("1903-06") == (1903, 1906)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("before 1976", 1926, 1976),
        ("vor 1900", 1850, 1900),
        ("1922 or earlier", 1872, 1922),
        ("no later than 1922", 1872, 1922),
        ("after 1850", 1850, 1875),
        ("after c. 1850", 1850, 1875),
        ("nach 1850", 1850, 1875),
        ("1922 or later", 1922, 1947),
        ("no earlier than 1906", 1906, 1931),
        ("after 1850 and before 1870", 1850, 1870),
        ("mid 15th century (before 1463)", 1426, 1463),
    ],
)
def test_bounds_open_a_window(text, begin, end):
    assert years(text) == (begin, end)
    assert parse_date(text).confidence <= 0.5


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("published 1842, printed 1850s", 1842, 1842),
        ("1891, cast 1925", 1891, 1891),
        ("printed 1850", 1850, 1850),
        ("1789, reprinted 1831 or later", 1789, 1789),
        ("18th century, spurious date of 1480", 1701, 1800),
        ("1842 (artist born 1803)", 1842, 1842),
    ],
)
def test_copies_and_lives_do_not_date_a_work(text, begin, end):
    assert years(text) == (begin, end)


@pytest.mark.parametrize(
    "text",
    [
        *["", " ", "n.d.", "undated", "date not known", "no date", "modern", "????", "late", "-"],
        *["b. 1903", "b. c. 1903", "born 1903, died 1950", "spuriously dated 1703"],
        *["0", "0 - 0", "0000", "9999", "12345", "1 2 3", "12.5 x 30 cm", "0th century", "century", "BCE"],
        *["<script>", "\ud800", "\x00", "9" * 5000],
    ],
)
def test_nothing_known(text):
    assert parse_date(text) == UNKNOWN


def test_confidence_falls_with_what_is_left_open():
    ladder = ["1889", "1880s", "19th century", "19th century?", "before 1889", "n.d."]
    found = [parse_date(text).confidence for text in ladder]
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(ladder)
    assert (found[0], found[-1]) == (1.0, 0.0)


WORDS = (
    "c. ca. early late mid first half quarter of the century Jh. siècle BCE BC AD AH before after or"
    " - – / , ( ) ?"
    " Ming 18th 19. XVI 1650 1650s 300 07 0 12 May to and printed born dynasty 99999 turn 's ."
)


@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from(WORDS.split()), max_size=14).map(" ".join)))
def test_anything_gives_a_range_in_order_or_nothing(text):
    found = parse_date(text)
    assert 0 <= found.confidence <= 1
    assert (found.begin is None) == (found.end is None) == (found.confidence == 0)
    if found.begin is not None:
        assert EARLIEST <= found.begin <= found.end <= LATEST
        assert found.begin != 0 != found.end


CE = st.integers(100, LATEST - 10)


@given(CE, st.integers(0, 300))
def test_rendered_years_come_back(begin, length):
    end = min(begin + length, LATEST - 10)
    assert years(f"{begin}") == (begin, begin)
    assert years(f"{begin}–{end}") == (begin, end)
    assert years(f"{end} BCE – {begin} BCE") == (-end, -begin)
    assert years(f"{end}-{begin} BC") == (-end, -begin)
    assert years(f"AD {begin} - {end}") == (begin, end)
    assert years(f"{begin} BC – {end} AD") == (-begin, end)


@given(st.integers(1, 20))
def test_rendered_centuries_come_back(century):
    rank = {1: "st", 2: "nd", 3: "rd"}.get(century, "th")
    whole = (100 * century - 99, 100 * century)
    assert years(f"{century}{rank} century") == whole
    assert years(f"{century}. Jh.") == whole
    assert years(f"{century}{rank} century BCE") == (-whole[1], -whole[0])
    halves = [years(f"{half} half of the {century}{rank} century") for half in ("first", "second")]
    assert (halves[0][0], halves[1][1]) == whole
    assert halves[0][1] + 1 == halves[1][0]


@pytest.mark.parametrize("name", [name for name in PERIODS if name.isalpha()])
def test_every_period_is_known_by_name(name):
    assert years(f"{name.title()} period") == PERIODS[name]


LETTERS = st.text(st.characters(categories=["Ll", "Lu"]), min_size=1, max_size=6)


def unknown(word):
    """Return whether the letters are no word of some language, no Roman year and no month left open."""
    read = words_of(word)
    if "xx" in read or "uu" in read:  # 1600-uu is EDTF for the year 1600
        return False
    return not any(first in read for first in phrases_by_first_word()) and "m" not in word.lower()


@given(st.integers(1600, LATEST - 60), LETTERS)
@example(1850, "zzz")
def test_a_word_that_nobody_knows_is_never_sure(year, word):
    assume(unknown(word))
    for text in (
        f"{year} {word}",
        f"{word} {year}",
        f"{year} ({word})",
        f"{word} c. {year}",
        f"{year}-{word}",
    ):
        assert parse_date(text).confidence < 1


@given(st.integers(1600, LATEST - 60), LETTERS, LETTERS)
@example(2000, "b", "BCE")
@example(1990, "x", "ies")
def test_a_number_is_never_cut_from_its_letters(year, before, behind):
    assume(all(unknown(letters) or letters.lower() in {"b", "bce", "ies"} for letters in (before, behind)))
    for text in (f"{year}{behind}", f"{before}{year}", f"{before}{year}{behind}"):
        found = parse_date(text)
        assert found.begin is None or found.begin <= year <= found.end or found.begin <= -year <= found.end


@pytest.mark.parametrize("sign", list("1-/.?c ~(,[xX*’ＭⅯ﷽０年前千ªМХé\u0301\u200b\ud800\U0001d7ce"))
def test_long_texts_are_read_at_once(sign):
    texts = [sign * 100_000, f"1850{sign}" * 20_000, f"{sign} century" * 20_000, f"XIX{sign}" * 20_000]
    begin = time.process_time()
    for text in texts:
        parse_date(text)
    assert time.process_time() - begin < 1


def test_a_text_that_is_cut_is_doubted():
    assert parse_date("1850 " + "circa " * 80 + "1650").confidence < 1
    assert parse_date("painted in 1850 " + "and signed " * 40).confidence == 0.5
    assert parse_date("1850-" * 100 + "1860") == UNKNOWN


@pytest.mark.data
def test_agrees_with_the_years_museums_recorded(data_dir):
    """Of the dates of 117,243 works that could be read, share that overlap and that are within five years."""
    import pyarrow.parquet as pq

    columns = ["date", "date_begin", "date_end"]
    table = pq.read_table(data_dir / "collections" / "museum_117k.parquet", columns=columns)
    read = overlapping = close = unread = 0
    for text, begin, end in zip(*(table[name].to_pylist() for name in columns), strict=True):
        if not text or not begin or not end:
            continue
        found = parse_date(text)
        if found.begin is None:
            unread += 1
            continue
        read += 1
        overlapping += found.begin <= max(begin, end) and min(begin, end) <= found.end
        close += abs(found.begin - begin) <= 5 and abs(found.end - end) <= 5
    assert unread / (read + unread) < 0.006
    assert overlapping / read > 0.997
    assert close / read > 0.94
