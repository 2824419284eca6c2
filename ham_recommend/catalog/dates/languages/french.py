"""French: the words beside a year."""

WORDS = {
    "circa": "vers, environ, env, autour de, autour, aux alentours de",
    "doubt": "peut-être, probablement, sans doute, probable",
    "before": "avant, antérieur à, au plus tard",
    "after": "après, depuis, postérieur à, à partir de, au plus tôt",
    "or later": "ou après, ou plus tard, ou postérieur",
    "or earlier": "ou avant, ou plus tôt",
    "until": "jusqu'en, jusqu'à, jusque",
    "present": "aujourd'hui, présent, nos jours, à nos jours",
    "and": "et, ou, à, au, aux",
    "century": "siècle, siècles",
    "millennium": "millénaire, millénaires, mill",
    "decade word": "années",
    "tenth": "décennie",
    "half": "moitié, moitiés",
    "third": "tiers",
    "quarter": "quart, quarts",
    "early": "début, débuts, commencement",
    "mid": "mi, milieu",
    "late": "fin",
    "ranks": "premier, première / deuxième, seconde, 2nde / troisième / quatrième",
    "last": "dernier, dernière, derniers",
    "turn": "tournant du, tournant des",
    "bce": """
        av. J.-C., avant J.-C., avant Jésus-Christ, av. n. è., av. notre ère, avant notre ère, avant n.
        è., AEC""",
    "ce": """
        ap. J.-C., apr. J.-C., après J.-C., après Jésus-Christ, de n. è., de notre ère, notre ère, n. è.""",
    "dynasty": "dynastie",
    "life": "né, née, mort, morte, décédé, acquis",
    "copy": "tirage, imprimé, imprimée, réédition, fonte, édité, édition",
    "label": "numéro",
    "counted": "planche, état, exemplaire, mois",
    "month": """
        janvier, février, mars, avril, mai, juin, juillet, août, septembre, octobre, novembre, décembre""",
    "plain": """
        le, la, les, l, de, du, des, dans, siècle de, année, daté, datée, signé, signée, entre, époque,
        période, courant, printemps, s. d., sans date, non daté, été, automne, hiver, par, er, ème""",
    "republic": "an",
}
