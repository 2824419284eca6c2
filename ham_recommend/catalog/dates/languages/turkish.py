"""Turkish: the words beside a year."""

WORDS = {
    "circa": "yaklaşık, civarı, civarında, dolayları",
    "doubt": "muhtemelen, olasılıkla",
    "before": "önce, öncesi",
    "after": "sonra, sonrası",
    "and": "ve, veya, ile",
    "century": "yüzyıl, yüzyılın, yüzyıla, yüzyıllar, yy, asır",
    "millennium": "binyıl, bin yıl, binyılın",
    "decade word": "lar, ler, lı yıllar, li yıllar",
    "half": "yarısı, yarı, yarısında",
    "quarter": "çeyreği, çeyrek",
    "early": "başı, başları, başlangıcı, erken",
    "mid": "ortası, ortaları",
    "late": "sonu, sonları, geç",
    "ranks": "ilk, birinci / ikinci / üçüncü / dördüncü",
    "last": "son",
    "bce": "MÖ, M.Ö., İ.Ö., milattan önce, isadan önce",
    "ce": "M.S., İ.S., milattan sonra, isadan sonra",
    "month": "ocak, şubat, mart, nisan, mayıs, haziran, temmuz, ağustos, eylül, ekim, kasım, aralık",
    "plain": "yıl, yılı, yılında, tarihli, dönemi, arası, den, dan, nin, nın, in, ın, un, ün",
}
