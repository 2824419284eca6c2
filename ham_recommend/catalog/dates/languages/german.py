"""German: the words beside a year."""

WORDS = {
    "circa": "um, gegen, etwa, ungefähr, zirka, rund, circa um",
    "doubt": "wohl, vermutlich, wahrscheinlich, möglicherweise, vielleicht, zugeschrieben",
    "before": "vor, nicht nach, spätestens",
    "after": "nach, ab, seit, nicht vor, frühestens",
    "or later": "oder später, und später, oder danach",
    "or earlier": "oder früher, oder davor",
    "until": "bis, bis zum",
    "from": "von, vom",
    "present": "heute, Gegenwart",
    "and": "und, oder",
    "century": "Jahrhundert, Jahrhunderts, Jahrhunderte, Jahrhunderten, Jh, Jhd, Jhdt, Jhs, Jahrh",
    "millennium": "Jahrtausend, Jahrtausends, Jt, Jtsd",
    "tenth": "Jahrzehnt, Jahrzehnts",
    "half": "Hälfte",
    "third": "Drittel",
    "quarter": "Viertel",
    "early": "Anfang, Anfangs, Beginn, früh, frühes, frühe, frühen, Frühes",
    "mid": "Mitte",
    "late": "Ende, spät, spätes, späte, späten",
    "ranks": """
        erste, ersten, erstes, erster / zweite, zweiten, zweites, zweiter / dritte, dritten, drittes,
        dritter / vierte, vierten, viertes""",
    "last": "letzte, letzten, letztes",
    "turn": "Wende vom, Wende zum, Wende des, Wende",
    "bce": """
        v. Chr., vor Chr., vor Christus, vor Christi Geburt, v. u. Z., vor unserer Zeitrechnung, vor
        unserer Zeit""",
    "ce": "n. Chr., nach Chr., nach Christus, nach Christi Geburt, n. u. Z., unserer Zeitrechnung",
    "dynasty": "Dynastie",
    "life": "geboren, geb, gestorben, gest, erworben, tätig",
    "copy": "gedruckt, Druck, Abzug, Nachdruck, Neuauflage, Guss, gegossen, Abguss, veröffentlicht",
    "label": "Nr, Nummer",
    "counted": "Blatt, Bl, Tafel, Taf, Bd, Auflage, Aufl, Zustand, Ausgabe, Monat",
    "month": "Januar, Jänner, Februar, März, Mai, Juni, Juli, Oktober, Okt, Dezember, Dez",
    "plain": """
        der, die, das, des, dem, den, im, zum, zur, aus, Jahr, Jahre, Jahren, Jahres, datiert, dat,
        entstanden, gemalt, signiert, sign, bezeichnet, bez, zwischen, zw, Zeit, Frühjahr, Sommer, Herbst,
        Winter, Frühling, Entwurf, Ausführung, o. J., ohne Jahr, undatiert, hergestellt, Herstellung""",
}
