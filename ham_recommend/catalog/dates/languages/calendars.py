"""Names of calendars that are written in every language."""

WORDS = {
    "ah": "AH, A.H., hijri, hijra, hegira, hég, de l'Hégire, dell'Egira, de la Hégira, Hijra, H",
    "sh": "SH",
    "am": "AM, A.M., anno mundi",
    "be": "B.E.",
    "samvat": "samvat, VS, V.S., vikram samvat",
    "saka": "saka, shaka",
    "bp": "BP, B.P., cal BP, years BP, years before present, before present",
    "kya": "kya, ka BP, ka",
}
