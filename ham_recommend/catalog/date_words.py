"""The vocabulary of museum dates: English, and the usual German, French, Italian, Dutch and Spanish words.

All words are lower case and without accents, as :func:`ham_recommend.catalog.dates.parse_date` reads them.
"""

from __future__ import annotations

import re

EARLIEST, LATEST = -1_000_000, 2100
"""Years outside are refused."""


def _each(meaning: str, words: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), meaning)


KIND: dict[str, str] = {
    **_each("circa", "circa ca about around approximately approx um gegen vers environ env verso hacia"),
    **_each("circa", "omstreeks ongeveer rond near nearly autour alrededor etwa"),
    **_each("doubt", "probably possibly perhaps likely presumably maybe wohl vermutlich wahrscheinlich"),
    **_each("doubt", "peut probablement probabilmente forse waarschijnlijk probablemente quiza"),
    **_each("doubt", "attributed assigned uncertain mogelijk moglicherweise"),
    **_each("before", "before by ante vor avant voor antes until till pre"),
    **_each("after", "after since post nach apres dopo despues seit depuis ab"),
    **_each("link", "to and or bis und oder et ou a au al alla tot y hasta through thru"),
    **_each("century", "century centuries centry cent jahrhundert jahrhunderts jahrhunderte jh jhd jhdt jhs"),
    **_each("century", "siecle siecles secolo secoli sec siglo siglos eeuw eeuws eeuwse eeuwen"),
    **_each("millennium", "millennium millennia mill millenium jahrtausend jt millenaire millennio milenio"),
    **_each("decade word", "annees anni anos jaren"),
    **_each("half", "half halfte moitie meta mitad helft halves"),
    **_each("third", "third thirds drittel tiers terzo tercio derde"),
    **_each("quarter", "quarter quarters viertel quart quarto kwart cuarto"),
    **_each("tenth", "decade jahrzehnt decennie decennio decennium decada"),
    **_each("early", "early beginning start begin anfang anfangs beginn debut inizio inizi principios"),
    **_each("early", "comienzos vroeg vroege fruh fruhes fruhe fruhen"),
    **_each("mid", "mid mi middle mitte milieu midden mediados halfway"),
    **_each("late", "late end ende fin fine finales eind einde laat late spat spates spate spaten"),
    **_each("bce", "bc bce"),
    **_each("ce", "ad ce"),
    **_each("ah", "ah hijri hegira heg h"),
    **_each("am", "am"),
    **_each("samvat", "samvat vs"),
    **_each("saka", "saka shaka"),
    **_each("dynasty", "dynasty dynasties dynastie dynastia"),
    **_each("other", "month months no nr number plate"),
    **_each("life", "b born died geboren ne nee gestorben active fl flourished gest geb nato morto"),
    **_each("life", "acquired accessioned purchased gift spurious spuriously restored"),
    **_each(
        "copy", "printed reprinted print cast recast reproduced reconstructed remade repainted repainting"
    ),
    **_each("copy", "manufactured enlarged reissued republished restruck refabricated additions addition"),
    **_each(
        "copy", "rebound replica published exhibited posthumous edition editioned bound retouched reworked"
    ),
    **_each("turn", "turn"),
    **_each("orlater", "orlater"),
    **_each("orearlier", "orearlier"),
}
"""What a word means; words that are not here say nothing about the date."""


def _ranks(words: str) -> dict[str, int]:
    return {word: rank for rank, group in enumerate(words.split("/"), start=1) for word in group.split()}


RANK: dict[str, int] = {
    **_ranks(
        "first erste ersten erstes premier premiere prima primo eerste primera primer"
        "/second zweite zweiten zweites deuxieme seconde seconda secondo tweede segunda segundo"
        "/dritte dritten drittes troisieme terza tercera tercer"
        "/fourth vierte vierten viertes quatrieme quarta vierde cuarta"
        "/fifth/sixth/seventh/eighth/ninth/tenth/eleventh/twelfth/thirteenth/fourteenth/fifteenth/sixteenth"
        "/seventeenth/eighteenth/nineteenth/twentieth"
    ),
    **dict.fromkeys(("last", "final", "letzte", "letzten", "letztes", "dernier", "derniere", "ultima"), -1),
    **dict.fromkeys(("ultimo", "laatste"), -1),
}
"""Words that count; -1 is the last one. (``third`` counts only where a fraction or a century follows.)"""

ROMAN = _ranks("i/ii/iii/iv/v/vi/vii/viii/ix/x/xi/xii/xiii/xiv/xv/xvi/xvii/xviii/xix/xx/xxi")

PARTS = {"half": 2, "third": 3, "quarter": 4, "tenth": 10}
"""Fractions of a century, a decade or a period → how many make the whole."""

OFFSET = {"am": -5508.0, "samvat": -57.0, "saka": 78.0}
"""Calendars of solar years → what to add to get the common era (Byzantine, Vikram Samvat, Saka)."""

_MONTHS = (
    "januar(?:y|i)?|janvier|gennaio|enero|jan|janner|februar(?:y|i)?|fevrier|febbraio|febrero|feb|march|marz|mars"
    "|marzo|maart|mar|april|avril|aprile|abril|apr|may|mai|maggio|mei|mayo|june|juni|juin|giugno|junio|jun|july"
    "|juli|juillet|luglio|julio|jul|august|aout|agosto|augustus|aug|september|septembre|settembre|septiembre"
    "|sept|sep|october|oktober|octobre|ottobre|octubre|oct|okt|november|novembre|noviembre|nov|december|dezember"
    "|decembre|dicembre|diciembre|dec|dez"
)

REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        # calendar dates → their year
        (r"(?<!\d)\d{1,2}([./])\d{1,2}\1(\d{4})(?!\d)", r" \2 "),
        (r"(?<!\d)(\d{4})([-./])\d{1,2}\2\d{1,2}(?!\d)(?:t[\d:.]+z?)?", r" \1 "),
        (r"(?<!\d)([12]\d{3})(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)", r" \1 "),
        (r"(?<!\d)\d{1,2}/(\d{4})(?!\d)", r" \1 "),
        (
            rf"\b(?:{_MONTHS})\b\.? {{0,2}}\d{{1,2}}(?:st|nd|rd|th)?(?: ?- ?\d{{1,2}}(?:st|nd|rd|th)?)?"
            r"(?!\d)",
            " ",
        ),
        (rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|er|\.|o)? {{0,2}}(?:of |de )?(?=(?:{_MONTHS})\b)", " "),
        # 10,000 and 10.000
        (r"(?<![\d,.])(\d{1,3})[,.](\d{3})(?![\d,.])", r"\1\2"),
        # eras written with several letters
        (r"\ba(?:v|vant)\.? ?j\.? ?-?c(?:\b\.?|hr\w*)", " bce "),
        (r"\bap(?:r|res)?\.? ?j\.? ?-?c(?:\b\.?|hr\w*)", " ce "),
        (r"\bv\.? ?(?:chr|u\.? ?z)\b\.?|\bvor (?:chr|unserer)\w*\.?|\bvoor chr\w*", " bce "),
        (r"\bn\.? ?(?:chr|u\.? ?z)\b\.?|\bnach (?:chr|unserer)\w*\.?|\bna chr\w*", " ce "),
        (
            r"\bb\.?c\.?(?: ?e\b\.?)?(?![a-z])|\bb\. c\.(?: ?e\.)?(?! ?\d)"
            r"|\ba\. ?(?:de )?c\.(?: ?n\.?)?(?![a-z])",
            " bce ",
        ),
        (r"\bbefore (?:christ|the common era)\b", " bce "),
        (r"\ba\. ?d\.|\bc\. ?e\.(?![a-z])|\bd\. ?c\.|\bdopo cristo\b|\banno domini\b|\bcommon era\b", " ce "),
        (r"\ba\. ?h\.", " ah "),
        # bounds
        (r"\b(?:no|not) (?:earlier|before)(?: than)?\b|\bnicht vor\b|\bno antes de\b", " after "),
        (r"\b(?:no|not) (?:later|after)(?: than)?\b|\bnicht nach\b", " before "),
        (
            r"\b(?:or|and|oder|ou|o|en|und) (?:later|after|spater|apres|plus tard|dopo|thereafter)\b",
            " orlater ",
        ),
        (r"\b(?:or|oder|ou|o) (?:earlier|before|fruher|avant|plus tot|prima)\b", " orearlier "),
        (r"(?<=\d)\+", " orlater "),
        (r"\bprima d(?:el|i)\b", " before "),
        (r"\bturn of the\b", " turn "),
        (r"(?<=\d)(?:'s|er jahren?)\b", "s"),
        (r"[~≈]", " ca "),
    )
)
"""What is rewritten before reading, in this order."""

DYNASTIES_OF_EGYPT: tuple[tuple[int, int], ...] = (
    (-3000, -2890), (-2890, -2686), (-2686, -2613), (-2613, -2494), (-2494, -2345), (-2345, -2181),
    (-2181, -2160), (-2181, -2160), (-2160, -2130), (-2130, -2040), (-2125, -1985), (-1985, -1773),
    (-1773, -1650), (-1773, -1650), (-1650, -1550), (-1650, -1580), (-1580, -1550), (-1550, -1295),
    (-1295, -1186), (-1186, -1069), (-1069, -945), (-945, -715), (-818, -715), (-727, -715),
    (-747, -656), (-664, -525), (-525, -404), (-404, -399), (-399, -380), (-380, -343),
)  # fmt: skip
"""First and last year of Dynasties 1 to 30, after The Oxford History of Ancient Egypt (ed. I. Shaw, 2000)."""

PERIODS: dict[str, tuple[int, int]] = {
    # China
    "xia": (-2070, -1600),
    "shang": (-1600, -1046),
    "western zhou": (-1046, -771),
    "eastern zhou": (-770, -256),
    "spring and autumn": (-770, -476),
    "warring states": (-475, -221),
    "zhou": (-1046, -256),
    "qin": (-221, -206),
    "western han": (-206, 9),
    "eastern han": (25, 220),
    "han": (-206, 220),
    "three kingdoms": (220, 280),
    "northern wei": (386, 534),
    "northern qi": (550, 577),
    "six dynasties": (220, 589),
    "sui": (581, 618),
    "tang": (618, 907),
    "five dynasties": (907, 960),
    "liao": (907, 1125),
    "northern song": (960, 1127),
    "southern song": (1127, 1279),
    "song": (960, 1279),
    "sung": (960, 1279),
    "jin": (1115, 1234),
    "yuan": (1271, 1368),
    "ming": (1368, 1644),
    "qing": (1644, 1911),
    "ching": (1644, 1911),
    "xuande": (1426, 1435),
    "chenghua": (1465, 1487),
    "jiajing": (1522, 1566),
    "wanli": (1573, 1620),
    "kangxi": (1662, 1722),
    "yongzheng": (1723, 1735),
    "qianlong": (1736, 1795),
    "jiaqing": (1796, 1820),
    "daoguang": (1821, 1850),
    "guangxu": (1875, 1908),
    # Japan
    "jomon": (-10500, -300),
    "yayoi": (-300, 300),
    "kofun": (300, 552),
    "asuka": (552, 710),
    "nara": (710, 794),
    "heian": (794, 1185),
    "kamakura": (1185, 1333),
    "nanbokucho": (1333, 1392),
    "muromachi": (1392, 1573),
    "momoyama": (1573, 1615),
    "edo": (1615, 1868),
    "tokugawa": (1615, 1868),
    "genroku": (1688, 1704),
    "meiji": (1868, 1912),
    "taisho": (1912, 1926),
    "showa": (1926, 1989),
    "heisei": (1989, 2019),
    # Korea
    "unified silla": (668, 935),
    "silla": (-57, 935),
    "goryeo": (918, 1392),
    "koryo": (918, 1392),
    "joseon": (1392, 1910),
    "choson": (1392, 1910),
    # South Asia and the Islamic world
    "maurya": (-322, -185),
    "kushan": (30, 375),
    "gupta": (320, 550),
    "chola": (850, 1279),
    "pala": (750, 1174),
    "mughal": (1526, 1857),
    "umayyad": (661, 750),
    "abbasid": (750, 1258),
    "fatimid": (909, 1171),
    "seljuk": (1037, 1194),
    "mamluk": (1250, 1517),
    "ilkhanid": (1256, 1353),
    "timurid": (1370, 1507),
    "safavid": (1501, 1736),
    "ottoman": (1299, 1922),
    "qajar": (1789, 1925),
    "sasanian": (224, 651),
    "sassanian": (224, 651),
    "parthian": (-247, 224),
    "achaemenid": (-550, -330),
    "neo-assyrian": (-911, -609),
    # Egypt
    "predynastic": (-5300, -3000),
    "early dynastic": (-3000, -2686),
    "old kingdom": (-2686, -2181),
    "first intermediate period": (-2181, -2055),
    "middle kingdom": (-2055, -1650),
    "second intermediate period": (-1650, -1550),
    "new kingdom": (-1550, -1069),
    "third intermediate period": (-1069, -664),
    "late period": (-664, -332),
    "ptolemaic": (-332, -30),
    "amarna": (-1353, -1336),
    # the Mediterranean and Europe
    "cycladic": (-3200, -1050),
    "minoan": (-3000, -1100),
    "mycenaean": (-1600, -1100),
    "geometric period": (-900, -700),
    "archaic": (-700, -480),
    "classical period": (-480, -323),
    "hellenistic": (-323, -31),
    "etruscan": (-750, -90),
    "roman republican": (-509, -27),
    "late republican": (-133, -27),
    "roman imperial": (-27, 476),
    "augustan": (-27, 14),
    "julio-claudian": (-27, 68),
    "flavian": (69, 96),
    "byzantine": (330, 1453),
    "carolingian": (750, 900),
    "ottonian": (919, 1024),
    "tudor": (1485, 1603),
    "elizabethan": (1558, 1603),
    "jacobean": (1603, 1625),
    "stuart": (1603, 1714),
    "georgian": (1714, 1830),
    "regency": (1811, 1820),
    "biedermeier": (1815, 1848),
    "victorian": (1837, 1901),
    "edwardian": (1901, 1910),
    # the Americas
    "olmec": (-1200, -400),
    "moche": (100, 800),
    "nazca": (-100, 800),
    "inca": (1400, 1533),
    "aztec": (1325, 1521),
}
"""Dynasties, reigns and periods → first and last year, by the dates their own regions' museums print."""

PERIOD_NAMES = re.compile(
    rf"\b(?:{'|'.join(sorted(map(re.escape, PERIODS), key=len, reverse=True))})\b(?! ?-?i?sh\b)"
)
