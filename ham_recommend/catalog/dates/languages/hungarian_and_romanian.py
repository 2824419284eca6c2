"""Hungarian and Romanian: the words beside a year."""

WORDS = {
    "circa": "körül, kb, körülbelül, cca, aprox, în jurul, circa anul",
    "doubt": "valószínűleg, talán, probabil, poate",
    "before": "előtt, înainte de, înainte",
    "after": "után, óta, după",
    "until": "ig, până la, până în",
    "and": "és, vagy, şi, și, sau",
    "century": "század, századi, századból, sz, secol, secolul, secolului, secolele, veacul",
    "millennium": "évezred, mileniul, mileniu",
    "decade word": "évek, években, anii",
    "half": "fele, felében, felének, jumătate, jumătatea",
    "third": "harmada, harmadában, treime",
    "quarter": "negyede, negyedében, sfert, sfertul",
    "early": "eleje, elején, elejéről, începutul, începutului, început",
    "mid": "közepe, közepén, mijlocul",
    "late": "vége, végén, sfârşitul, sfârșitul, sfârşit",
    "ranks": "első, prima / második, doua, a doua / harmadik, a treia / negyedik, a patra",
    "last": "utolsó, ultimul",
    "turn": "fordulója, fordulóján",
    "bce": "Kr. e., Krisztus előtt, időszámításunk előtt, î. Hr., î.e.n., înainte de Hristos, î. e. n.",
    "ce": "Kr. u., i. sz., i. u., Krisztus után, d. Hr., e.n., după Hristos",
    "month": """
        január, február, március, április, május, június, július, szeptember, ianuarie, februarie, martie,
        aprilie, iunie, iulie, septembrie, octombrie, noiembrie, decembrie""",
    "plain": "év, évi, évben, között, anul, lea, lui, din, între",
}
