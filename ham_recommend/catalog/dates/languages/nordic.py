"""Danish, Norwegian, Swedish, Icelandic, Finnish and Estonian: the words beside a year."""

WORDS = {
    "circa": "omkring, omkr, ved, cirka, kring, runt, ungefär, omtrent, noin, arviolta, um það bil",
    "doubt": """
        sandsynligvis, muligvis, formentlig, formodentlig, måske, antagelig, trolig, troligen, möjligen,
        sannolikt, sannsynligvis, muligens, kanske, kanskje, todennäköisesti, mahdollisesti, ehkä""",
    "before": "før, inden, före, innan, senest, ennen, fyrir",
    "after": "efter, etter, siden, tidligst, sedan, jälkeen, eftir",
    "or later": "eller senere, eller senare, og senere, tai myöhemmin",
    "or earlier": "eller før, eller tidligere, eller tidigare",
    "until": "til, till och med, indtil, saakka, asti, til og med",
    "from": "fra, från",
    "present": "i dag, idag, nutid",
    "and": "og, och, eller, ja, tai",
    "century": """
        århundrede, århundredes, århundre, århundret, århundradet, århundrade, årh, årg, vuosisata,
        vuosisadan, vuosisadalla, aldar, öld, sajand, sajandi""",
    "millennium": "årtusinde, årtusind, årtusen, årtusende, årtusendet, vuosituhat, vuosituhannen",
    "decade word": """
        luku, luvun, luvulla, luvulta, talet, tallet, tal, talets, tallets, årene, åra, årenes, erne,
        vuosina""",
    "tenth": "tiår, årti, årtionde, vuosikymmen",
    "half": "halvdel, halvdelen, hälft, hälften, halvpart, puolisko, puoli, puoliskolla, puolella",
    "third": "tredjedel, tredjedelen, kolmannes",
    "quarter": "fjerdedel, fjärdedel, fjärdedelen, kvartal, kvartalet, neljännes, neljänneksellä",
    "early": """
        begyndelsen, begyndelse, begynnelsen, början, starten, tidlig, tidligt, tidig, tidigt, alku,
        alkupuoli, alussa, alun, alkupuolella""",
    "mid": "midten, mitten, mitt, midt, keskivaihe, puoliväli, puolivälissä, keskivaiheilla",
    "late": """
        slutningen, slutning, slutet, slut, slutten, sen, sent, sein, seint, loppu, loppupuoli, lopussa,
        lopun, loppupuolella""",
    "ranks": """
        første, första, förra, ensimmäinen, ensimmäisen / anden, andet, andra, senare hälften, andre,
        annen, toinen, toisen, jälkimmäinen / tredje, kolmas / fjerde, fjärde, neljäs""",
    "last": "sidste, siste, sista, viimeinen",
    "turn": "århundredskiftet, sekelskiftet, århundreskiftet, vuosisadan vaihde",
    "bce": """
        f. Kr., før Kr., før Kristus, före Kristus, før vor tidsregning, f.v.t., fvt, f.v.t, fKr, eKr.,
        eaa, ennen Kristusta, ennen ajanlaskun alkua, f.o.t.""",
    "ce": """
        e. Kr., efter Kr., efter Kristus, etter Kristus, e.v.t., evt, jKr, jaa, jälkeen Kristuksen, e.o.t.""",
    "life": "født, född, fødd, syntynyt, kuollut, død, död",
    "copy": "trykt, tryckt, støbt, optryk, painettu, avtryck",
    "label": "nummer",
    "counted": "oplag, tilstand, udgave, upplaga",
    "month": """
        marts, maj, augusti, oktober, desember, tammikuu, helmikuu, maaliskuu, huhtikuu, toukokuu,
        kesäkuu, heinäkuu, elokuu, syyskuu, lokakuu, marraskuu, joulukuu""",
    "plain": """
        af, av, det, den, de, på, år, året, dateret, daterad, datert, signeret, signerad, signert, mellem,
        mellan, mellom, vuosi, vuonna, vuoden, välillä, t""",
}
