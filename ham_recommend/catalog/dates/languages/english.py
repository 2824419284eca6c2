"""English: the words beside a year."""

WORDS = {
    "circa": "c, ca, circa, cca, about, around, approximately, approx, roughly, near, nearly",
    "doubt": """
        probably, possibly, perhaps, likely, presumably, maybe, apparently, attributed, assigned,
        uncertain, copyright, cop, attributed to, sic""",
    "before": """
        before, by, pre, prior to, no later than, not later than, not after, no after, ante quem, terminus
        ante quem""",
    "after": """
        after, since, post, no earlier than, not earlier than, not before, no before, shortly after, post
        quem, terminus post quem""",
    "or later": "or later, and later, or after, onward, onwards, thereafter, to date",
    "or earlier": "or earlier, or before, and earlier",
    "until": "until, till, to, up to, through, thru",
    "from": "from",
    "present": "present, the present, today, now, ongoing, open, unknown, unknown date",
    "and": "and, or",
    "century": "century, centuries, centry, cenury, cent",
    "millennium": "millennium, millennia, millenium, mill",
    "tenth": "decade, decades",
    "half": "half, halves",
    "third": "third, thirds",
    "quarter": "quarter, quarters, quater",
    "early": "early, earlier part, beginning, start, begin, opening years",
    "mid": "mid, middle, halfway",
    "late": "late, end, closing years",
    "ranks": """
        first / second / / fourth / fifth / sixth / seventh / eighth / ninth / tenth / eleventh / twelfth
        / thirteenth / fourteenth / fifteenth / sixteenth / seventeenth / eighteenth / nineteenth /
        twentieth / twenty first""",
    "last": "last, final",
    "turn": "turn of the, turn of",
    "bce behind": "B.C., B.C.E.",
    "bce": "BC, BCE, before Christ, before the common era, before common era",
    "ce": "AD, CE, A.D., C.E., anno Domini, common era, of the common era",
    "dynasty": "dynasty, dynasties",
    "life": """
        b, born, died, active, fl, flourished, acquired, accessioned, purchased, gift, spurious,
        spuriously, restored""",
    "copy": """
        printed, reprinted, print, printing, reprint, cast, recast, reproduced, reconstructed, remade,
        repainted, repainting, manufactured, enlarged, reissued, republished, restruck, refabricated,
        additions, addition, rebound, replica, published, exhibited, posthumous, posthumously, editioned,
        bound, retouched, reworked, impression, edition, ed, edn""",
    "label": "no, nr, nos, number, lot, inv, cat, patent no",
    "counted": """
        month, months, state, states, proof, issue, version, copies, day, days, week, series, part, parts,
        regiment, times, years, plate, plates, pl, vol, volume, fol, folio, page, pp, fig, sheet""",
    "month": """
        january, jan, february, feb, march, mar, april, apr, may, june, jun, july, jul, august, aug,
        september, sept, sep, october, oct, november, nov, december, dec, muharram, safar, rabi, jumada,
        rajab, sha'ban, shaban, ramadan, shawwal, dhu'l-qa'da, dhu'l-hijja""",
    "plain": """
        the, of, in, on, at, this, one, dated, datable, date, year, made, painted, drawn, designed,
        executed, created, produced, signed, inscribed, engraved, etched, carved, woven, built,
        constructed, composed, conceived, modeled, modelled, completed, finished, begun, started,
        patented, registered, issued, developed, invented, commissioned, taken, photographed, period,
        periods, era, age, reign, between, later, with, anno, winter, spring, summer, autumn, fall,
        monday, tuesday, wednesday, thursday, friday, saturday, sunday, nen, th, rd, nd, design, original,
        mark, and mark, datable to, dated to, dating to, dating from, plus, known, not
        known, drawing, painting, text, leaf, colophon, calligraphy, frame, block, manuscript, binding,
        left, right, negative, model, n. d., undated, no date, not dated""",
    "ago": "years ago, years old",
    "instead": "i. e., recte, rectius",
    "tens": "thirty, forty, fifty, sixty, seventy, eighty, ninety, hundred",
}
