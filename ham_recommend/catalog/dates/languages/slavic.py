"""Polish, Czech, Slovak, South Slavic, Russian, Ukrainian and Bulgarian: the words beside a year."""

WORDS = {
    "circa": """
        ok, około, około roku, ca około, asi, kolem, přibližně, přibl, zhruba, okolo, cca, oko, około r,
        przybliżeniu, около, ок, прибл, приблизительно, примерно, близько, бл""",
    "doubt": """
        prawdopodobnie, zapewne, pravděpodobně, snad, vjerojatno, verovatno, вероятно, возможно,
        предположительно, ймовірно""",
    "before": "przed, před, pred, prije, pre, не позднее, перед, преди, раніше",
    "after": "po, od roku, posle, poslije, nakon, после, не ранее, следом, начиная с, след, після",
    "or later": "lub później, i później, nebo později, или позже, и позже, или позднее",
    "or earlier": "lub wcześniej, nebo dříve, или ранее, или раньше",
    "until": "do, до, по",
    "from": "od, od r, от, с, із, від, між",
    "present": "dziś, dnes, настоящее время, наст время, н.в.",
    "and": "i, oraz, lub, albo, a, nebo, až, ili, и, или, та, або",
    "century": """
        wiek, wieku, wieków, wieki, w, ww, století, stol, st, stoletie, storočie, storočia, stor,
        stoljeće, stoljeća, stoletje, stoletja, vek, veka, vijek, век, века, веке, веков, веком, в, вв,
        столетие, столетия, ст, століття""",
    "millennium": """
        tysiąclecie, tysiąclecia, tys, tisíciletí, tis, tisícročie, tisoč, тысячелетие, тысячелетия, тыс,
        тис, хилядолетие""",
    "decade word": """
        lata, latach, lat, léta, let, letech, leta, roky, годы, годов, годах, роки, років, десятилетие""",
    "half": """
        połowa, poł, połowie, połowy, polovina, pol, pole, polovice, polovica, половина, половины,
        половине, пол, половини""",
    "third": "třetina, tretina, треть, трети, третина",
    "quarter": """
        ćwierć, ćw, ćwierci, ćwierćwiecze, čtvrtina, čtvrť, čtvrt, četrtina, четверть, четверти, четв,
        чверть""",
    "early": """
        początek, pocz, początku, na początku, zač, začátek, začátku, poč, počátek, počátku, početak,
        početkom, raný, začetek, начало, начала, начале, нач, початок, поч""",
    "mid": "środek, sredina, sredinom, sred, středu, середина, середины, середине, сер, средата",
    "late": """
        koniec, końca, końcu, kon, konec, konce, koncem, kraj, krajem, pozdní, конец, конца, конце, кон,
        край, кінець, кін""",
    "ranks": """
        pierwsza, pierwszej, pierwszy, první, prvá, prvi, prva, prvé, первая, первой, перв, первый, перша
        / druga, drugiej, drugi, druhá, druhé, druhý, вторая, второй, втор, друга / trzecia, trzeciej,
        třetí, tretia, treća, третья, третьей, третя / czwarta, czwartej, čtvrtá, четвертая, четвертой""",
    "last": "ostatnia, ostatniej, ostatni, poslední, posledná, zadnja, последняя, последней, посл, остання",
    "turn": "przełom, przełom wieków, na przełomie, přelom, prelom, рубеж, на рубеже, межа",
    "bce": """
        p.n.e., przed naszą erą, przed Chr., przed Chrystusem, př. n. l., př. Kr., před n. l., před
        Kristem, pred n. l., pred Kr., pr. n. l., pr. Kr., pr. n. e., pr. n. št., prije Krista, p. n. l.,
        до н. э., до нашей эры, до Р. Х., до н. е., пр. Хр., пр. н. е., пр. н. э., преди Христа, преди
        новата ера, п. н. е.""",
    "ce": """
        n.e., naszej ery, po Chr., po Chrystusie, n. l., po Kr., po Kristu, n. št., po n. l., нашей эры,
        н. э., н. е., от Р. Х., сл. Хр., по Р. Х.""",
    "dynasty": "dynastia, династия",
    "life": "ur, zm, urodzony, narozen, rođen, род, родился, ум, умер",
    "copy": "druk, odbitka, odlew, отпечаток, отливка, tisk, otisk, издание",
    "label": "номер",
    "counted": "stan, stav, состояние, месяц",
    "month": """
        stycznia, styczeń, lutego, luty, marca, marzec, kwietnia, kwiecień, maja, czerwca, czerwiec,
        lipca, lipiec, sierpnia, sierpień, września, wrzesień, października, listopada, grudnia, leden,
        ledna, únor, února, březen, března, duben, dubna, květen, května, červen, června, červenec,
        července, srpen, srpna, září, říjen, října, prosinec, января, январь, февраля, февраль, марта,
        март, апреля, апрель, мая, май, июня, июнь, июля, июль, августа, август, сентября, сентябрь,
        октября, октябрь, ноября, ноябрь, декабря, декабрь""",
    "plain": """
        r, rok, roce, roku, rokiem, lata między, między, mezi, v, z, ze, godina, godine, год, года, году,
        годом, г, гг, рік, року, роках, р, рр, между, датирован, подписано, datowany, datowane, datováno,
        b. r., b. d., bez daty, б. г., б. д., u, ii polovica""",
}
