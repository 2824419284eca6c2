"""Resemblance through time: against planted truth, against documented pairs, and at size.

    python benchmarks/influence.py [planted] [real] [size] [--most 117000]

*planted*: four sample museums (seeds 1889, 1, 2, 3), whose artists borrow from each other by design; artists
as the catalog names them. *real*: documented pairs between painters (``$HAM_DATA/influence``), on 1,062
paintings by ``style`` vectors and 577 of Cleveland by CLIP vectors. *size*: artists and dates of 117,243 real
records with 512-dimensional vectors in clusters: what is shown, the artist's manner, the time, and chance.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import tempfile
import time
import warnings
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.stats import spearmanr

from ham_recommend import Recommender, SampleSource, TableSource, build, enrich
from ham_recommend.analysis import artists, tours
from ham_recommend.analysis.bias import skewness
from ham_recommend.analysis.creativity import creativity_at
from ham_recommend.analysis.dates import Dates
from ham_recommend.analysis.documented import Documented, agreement, auc, won_of_matched
from ham_recommend.analysis.graph import build_graph, occurrences, rescaled
from ham_recommend.analysis.influence import Influence
from ham_recommend.analysis.makers import NOBODY, Makers, name_key
from ham_recommend.analysis.nearest import nearest_lists
from ham_recommend.analysis.neighbours import neighbours, principal
from ham_recommend.analysis.scoring import Scoring
from ham_recommend.analysis.works import DatedWorks, centred
from ham_recommend.catalog.dates import parse_date
from ham_recommend.records import Artwork
from ham_recommend.sample_museum.artists import ARTISTS

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
SEEDS = (1889, 1, 2, 3)
BORN = {artist.name: artist.born for artist in ARTISTS}


def planted_pairs(source, names):
    place = {name: at for at, name in enumerate(names)}
    return {
        (place[one.earlier], place[one.later])
        for one in source.truth.influences
        if one.earlier in place and one.later in place
    }


def judged(scores, before, gaps, true):
    """Return AUC, recall of lenders among the first three, and date-matched AUC."""
    pairs = (before > 0.5) & ~np.eye(
        len(before), dtype=bool
    )  # rounding must not make anyone earlier than themselves
    truth = np.zeros_like(pairs)
    truth[tuple(np.array(sorted(true)).T)] = True
    truth &= pairs
    recalls = []
    for later in range(len(pairs)):
        lenders = np.flatnonzero(truth[:, later])
        if len(lenders):
            able = np.flatnonzero(pairs[:, later])
            first = able[np.argsort(-scores[able, later], kind="stable")[:3]]
            recalls.append(len(set(first) & set(lenders)) / min(3, len(lenders)))
    matched = won_of_matched(scores[pairs].astype(float), truth[pairs], gaps[pairs])
    return auc(scores[truth], scores[pairs & ~truth]), float(np.mean(recalls)), float(np.nanmean(matched))


def pair_scores(works, scoring, graph):
    """Return the scores of all pairs of artists, as :func:`artist_pairs` has them, and who is earlier."""
    groups = artists.Grouped.of(works.works_of)
    likeness = artists.Likeness(works.vectors, scoring.taken_off(graph.hubness))
    hubs = scoring.taken_off(graph.artist_hubness)
    years = artists.years_between(works.dates, groups, groups)
    scores = scoring.in_time(artists.mean_best_match(likeness, groups, groups), years)
    return scores - hubs[:, None] - hubs, artists.chance_earlier(works.dates, groups, groups)


def with_dates(works, random, sigma):
    """Return works whose dates are wrong by so many years."""
    wrong = random.normal(0, sigma, len(works)).round()
    dates = Dates(works.dates.begin + wrong, works.dates.end + wrong, works.dates.confidence)
    return works.redated(dates)


def planted(console, folder, seeds):
    rows = {}
    more = {}
    for seed in seeds:
        source = SampleSource(seed=seed)
        build(source, folder / str(seed), progress=False)
        found = Influence.open(Recommender.load(folder / str(seed)))
        works, names = found.works, found.works.makers.names
        true = planted_pairs(source, names)
        born = np.array([BORN[name] for name in names], dtype=float)
        gaps = born[None, :] - born[:, None]

        def note(name, scores, before, *, rows=rows, gaps=gaps, true=true):
            rows.setdefault(name, []).append(judged(scores, before, gaps, true))

        usual = Scoring()
        graph = build_graph(works, usual, 10)
        works_alone = replace(graph, artist_hubness=np.zeros_like(graph.artist_hubness))
        scores, before = pair_scores(works, usual, graph)
        note("dates only", -np.abs(gaps), before)
        plain = replace(works, vectors=uncentred(found))
        note("mean best match, not centred", pair_scores(plain, Scoring("none", 0.0), graph)[0], before)
        note("… centred", pair_scores(works, Scoring("none", 0.0), graph)[0], before)
        note("… and CSLS among works", pair_scores(works, Scoring("csls", 0.0), works_alone)[0], before)
        note("… and among artists", pair_scores(works, Scoring("csls", 0.0), graph)[0], before)
        note("… and β = 0.1 (the default)", scores, before)
        note(
            "… with decay instead of β",
            pair_scores(works, Scoring("csls", 0.0, "exponential"), graph)[0],
            before,
        )
        random = np.random.default_rng(seed)
        for sigma in (25, 100):
            vague = with_dates(works, random, sigma)
            noisy, order = pair_scores(vague, usual, build_graph(vague, usual, 10))
            del order
            note(f"… dates wrong by σ = {sigma} years", noisy, before)
        note("random vectors", pair_scores(*random_vectors(works, usual, random))[0], before)
        for name, value in facts(found, graph, true).items():
            more.setdefault(name, []).append(value)
    table = Table(
        title=f"Planted pairs of artists, mean of {len(seeds)} sample museums ({', '.join(map(str, seeds))})"
    )
    for heading in ("score", "AUC", "R@3", "date-matched", "least AUC", "least date-matched"):
        table.add_column(heading, justify="left" if heading == "score" else "right")
    for name, values in rows.items():
        mean, least = np.mean(values, axis=0), np.min(values, axis=0)
        table.add_row(name, *(f"{value:.3f}" for value in (*mean, least[0], least[2])))
    console.print(table)
    table = Table(title="Works, ranks, bridges, tours, hubs: mean, least and most")
    for heading in ("what", "mean", "least", "most"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    for name, values in more.items():
        table.add_row(name, *(f"{value:.3f}" for value in (np.mean(values), np.min(values), np.max(values))))
    console.print(table)


def uncentred(found):
    """Return a collection's own vectors in the order of its dated works."""
    own = found.recommender.pictures.get(found.works.item_ids.tolist())
    place = {item_id: at for at, item_id in enumerate(own.item_ids.tolist())}
    return np.array([own.vectors[place[item_id]] for item_id in found.works.item_ids.tolist()])


def random_vectors(works, scoring, random):
    drawn = random.normal(size=works.vectors.shape).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    works = replace(works, vectors=drawn)
    return works, scoring, build_graph(works, scoring, 10)


def facts(found, graph, true):
    works = found.works
    found._graph = graph
    makers, edges = works.makers.of, graph.edges
    lenders = {}
    for earlier, later in true:
        lenders.setdefault(later, set()).add(earlier)
    hits = [
        np.mean([makers[row] in lenders[makers[later]] for row in edges.earlier[edges.later == later]])
        for later in np.unique(edges.later)
        if makers[later] in lenders
    ]
    plain = graph.pagerank
    even = rescaled(plain)
    lent = np.isin(np.arange(len(works.makers.names)), [earlier for earlier, _ in true])
    mean = {
        name: np.array([values[rows].mean() for rows in works.works_of])
        for name, values in (
            ("rescaled", even),
            ("plain", plain),
            ("age", -works.dates.middle),
            ("creativity", rescaled(graph.creativity.astype(float))),
        )
    }
    lists = nearest_lists(found, 10)
    counts = occurrences(lists, len(works))
    culture = (
        found.recommender.catalog.to_frame()["culture"].astype(str).loc[works.item_ids.tolist()].to_numpy()
    )
    shifts = [abs((culture[lists] == one).mean() - (culture == one).mean()) for one in np.unique(culture)]
    bridged, by_dates = bridges(found, lenders)
    hops, straight = tour_hops(found)
    return {
        "works: ten earlier ones that are by a lender": np.mean(hits),
        "PageRank: ρ with the year": spearmanr(plain, works.dates.middle)[0],
        "… rescaled: |ρ| with the year": abs(spearmanr(even, works.dates.middle)[0]),
        "… rescaled finds lenders, AUC": auc(mean["rescaled"][lent], mean["rescaled"][~lent]),
        "… plain": auc(mean["plain"][lent], mean["plain"][~lent]),
        "… age alone": auc(mean["age"][lent], mean["age"][~lent]),
        "bridges: works of who borrowed from both, AUC": bridged,
        "… dates alone": by_dates,
        "tours: mean cosine of a step": hops,
        "… straight in time": straight,
        "creativity finds lenders, AUC": auc(mean["creativity"][lent], mean["creativity"][~lent]),
        "hubs: skew of the ten nearest": skewness(counts),
        "… largest shift of a culture's share": max(shifts),
        **time_machine(works),
    }


def bridges(found, lenders):
    """Return how well bridges between two lenders find the works of who borrowed from both."""
    works, ours, dates = found.works, [], []
    middle = works.dates.middle
    for later, lent in lenders.items():
        ordered = sorted(lent)
        for at, one in enumerate(ordered):
            for other in ordered[at + 1 :]:
                sides = [works.works_of[one], works.works_of[other]]
                names = [works.makers.names[side] for side in (one, other)]
                table = found.bridges(*({"artist": name} for name in names), k=10_000, draws=0)
                rows = np.array([works.row_of[item_id] for item_id in table["item_id"]])
                mine = works.makers.of[rows] == later
                ours.append(auc(table["score"].to_numpy()[mine], table["score"].to_numpy()[~mine]))
                near = -np.max([np.abs(middle[rows] - middle[side].mean()) for side in sides], axis=0)
                dates.append(auc(near[mine], near[~mine]))
    return np.mean(ours), np.mean(dates)


def tour_hops(found, count=30):
    works, random = found.works, np.random.default_rng(5)
    ours, straight = [], []
    while len(ours) < count:
        first, last = sorted(random.choice(len(works), 2, replace=False))
        if works.dates.middle[last] - works.dates.middle[first] < 50:
            continue
        ours.append(found.tour(works.item_ids[first], works.item_ids[last], 8)["cosine"].mean())
        path = tours.straight_way(works, tours._pool(works, first, last), 8)
        straight.append(np.mean([works.vectors[a] @ works.vectors[b] for a, b in pairwise(path)]))
    return np.mean(ours), np.mean(straight)


def time_machine(works):
    """Return what share of works is more creative at another date than at its own, each moved alone."""
    random = np.random.default_rng(7)
    middle = works.dates.middle

    def gain(row, year):
        more = creativity_at(works, row, year) - creativity_at(works, row, middle[row])
        return 0.5 * (1 + np.sign(more))  # some years often change nothing: that is half a gain

    def gains(rows, years):
        return float(np.mean([gain(row, year) for row, year in zip(rows, years, strict=True)]))

    modern, old = np.flatnonzero(middle >= 1900), np.flatnonzero((middle >= 1400) & (middle < 1700))
    near = np.flatnonzero(middle >= 1400)
    moved = middle[near] + random.choice([-1, 1], len(near)) * random.integers(1, 11, len(near))
    return {
        "time machine: modern works moved to 1600 gain": gains(modern, np.full(len(modern), 1600.5)),
        "… works from 1400 to 1700 moved to 1920 gain": gains(old, np.full(len(old), 1920.5)),
        "… works moved by up to ten years gain": gains(near, moved),
    }


ALIASES = {
    "camille corot": "Jean Baptiste Camille Corot",
    "francisco goya": "Francisco de Goya",
    "rembrandt": "Rembrandt van Rijn",
}
"""As Cleveland's catalog writes them."""


def documented_pairs(makers):
    pairs = {}
    for row in csv.DictReader(
        (DATA / "influence" / "influence_pairs_painterpalette.csv").open(encoding="utf-8")
    ):
        names = (row["earlier"], row["later"])
        known = {name_key(name) for name in makers.names}
        ends = tuple(
            ALIASES.get(name, name)
            if name_key(name) not in known and name_key(ALIASES.get(name, "")) in known
            else name
            for name in names
        )
        pairs[ends] = row["relation"]
    return pairs


def real(console, folder):
    table = Table(title="Documented pairs between painters (95 % intervals, artists drawn anew)")
    for heading in (
        "vectors",
        "among",
        "by",
        "AUC",
        "date-matched",
        "interval",
        "over dates",
        "interval",
        "pairs",
    ):
        table.add_column(heading, justify="left" if heading in ("vectors", "among", "by") else "right")
    for name, found in (("paintings, style", paintings(folder)), ("Cleveland, CLIP", cleveland())):
        found.documented = Documented.read(documented_pairs(found.works.makers), found.works.makers)
        for row in agreement(found).to_dict("records"):
            table.add_row(
                name,
                row["among"],
                row["by"],
                f"{row['auc']:.3f}",
                f"{row['date_matched']:.3f}",
                f"{row['low']:.3f} to {row['high']:.3f}",
                f"{row['over_dates']:+.3f}",
                f"{row['over_dates_low']:+.3f} to {row['over_dates_high']:+.3f}",
                str(row["pairs"]),
            )
    console.print(table)


def paintings(folder):
    """Build the paintings; those without a year are dated by their artist's life."""
    rows = list(csv.DictReader((DATA / "paintings" / "paintings.csv").open(encoding="utf-8")))
    copied = folder / "paintings"
    copied.mkdir()
    (copied / "images").symlink_to((DATA / "paintings" / "images").resolve())
    with (copied / "works.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "title", "artist", "date", "period", "image"])
        for row in rows:
            writer.writerow(
                [row["id"], row["title"], row["artist"], row["year"], row["style"], f"images/{row['file']}"]
            )
    build(TableSource(copied / "works.csv"), folder / "painted", progress=False)
    enrich(Recommender.load(folder / "painted"), DATA / "influence" / "artists_painterpalette.csv")
    return Influence.open(Recommender.load(folder / "painted"))


def cleveland():
    rows = list(csv.DictReader((DATA / "clip" / "paintings_vitb32.csv").open(encoding="utf-8")))
    vectors = np.load(DATA / "clip" / "paintings_vitb32.npy")
    dated = [parse_date(row["date"]) for row in rows]
    kept = [at for at, date in enumerate(dated) if date.begin is not None and date.end is not None]
    dates = Dates.of(
        [dated[at].begin for at in kept],
        [dated[at].end for at in kept],
        [dated[at].confidence for at in kept],
    )
    order = np.argsort(dates.middle, kind="stable")
    makers = Makers.read([rows[at]["artist"] for at in np.array(kept)[order]])
    unit = vectors[np.array(kept)[order]].astype(np.float32)
    ids = np.array([f"cma:{rows[at]['id']}" for at in np.array(kept)[order]], dtype=object)
    works = DatedWorks(ids, centred(unit, makers), dates[order], makers, np.arange(len(ids)), "clip")
    return Influence(None, "clip", works, Scoring())


def size(console, most):
    import pandas as pd

    frame = pd.read_parquet(DATA / "collections" / "museum_117k.parquet")
    columns = {name.lower(): name for name in frame.columns}
    texts = frame[columns["artist"]].fillna("").astype(str).tolist()
    dates = frame[columns["date"]].fillna("").astype(str).tolist()
    random = np.random.default_rng(0)
    years = []
    for text in dates:
        date = parse_date(text)
        years.append((date.begin, date.end) if date.begin is not None and date.end is not None else None)
    known = [pair for pair in years if pair]
    years = [pair or known[random.integers(len(known))] for pair in years]
    table = Table(title="At size, 512 dimensions, 2 cores; questions in milliseconds of CPU")
    for heading in (
        "works",
        "graph",
        "CPU",
        "peak memory",
        "before",
        "after an artist",
        "tour",
        "bridges, no p",
    ):
        table.add_column(heading, justify="right")
    sizes = [count for count in (10_000, 30_000, 117_000, 300_000, 1_000_000) if count <= most]
    for count in sizes:
        take = np.arange(count) % len(texts)
        makers_all = Makers.read([texts[at] for at in take])
        begin, end = (np.array([years[at][side] for at in take], dtype=float) for side in (0, 1))
        dated = Dates.of(begin, end, np.ones(count))
        order = np.argsort(dated.middle, kind="stable")
        makers = Makers(makers_all.names, makers_all.of[order])
        works = DatedWorks(
            np.array([f"m:{at}" for at in range(count)], dtype=object),
            clustered(makers, dated.middle[order], random),
            dated[order],
            makers,
            np.arange(count),
            "drawn",
        )
        found = Influence(Nothing(), "drawn", works, Scoring())
        start, cpu = time.perf_counter(), time.process_time()
        found.build(keep=False)
        wall, busy = time.perf_counter() - start, time.process_time() - cpu
        # the artist with the most works
        largest = int(np.bincount(makers.of[makers.of != NOBODY]).argmax())
        asked = questions(found, count, makers.names, largest)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        table.add_row(
            f"{count:,}",
            f"{wall:.0f} s",
            f"{busy:.0f} s",
            f"{peak:.2f} GiB",
            *(f"{median_ms(ask):.0f} ms" for ask in asked),
        )
        if count == 30_000:
            small = replace(works, vectors=principal(works.vectors, 64))
            exact, near = (neighbours(each, 10)[0].rows for each in (works, small))
            kept = np.mean(
                [
                    len(set(a) & set(b) - {-1}) / max(1, (a >= 0).sum())
                    for a, b in zip(exact, near, strict=True)
                ]
            )
            console.print(
                f"PCA to 64 directions keeps {kept:.1%} of the ten nearest earlier works of 30,000."
            )
    console.print(table)


def questions(found, count, names, largest):
    """Return what somebody asks while they wait."""
    return (
        lambda: found.before(f"m:{count // 2}"),
        lambda: found.after({"artist": names[largest]}),
        lambda: found.tour(f"m:{count // 4}", f"m:{count - 5}"),
        lambda: found.bridges({"artist": names[0]}, {"artist": names[1]}, draws=0),
    )


class Nothing:
    """Stands in for a recommender whose catalog knows nothing but ids."""

    def __init__(self):
        self.catalog = self

    def get(self, ids):
        """Return works without any fields."""
        return {item_id: Artwork(item_id=item_id) for item_id in ids}

    def __contains__(self, item_id):
        return True


def clustered(makers, middle, random, dim=512):
    """Return vectors in 400 clusters: what is shown, the artist's manner, what a time has, and chance."""
    shown, own, times = (
        random.normal(size=(count, dim)).astype(np.float32) for count in (400, len(makers.names), 64)
    )
    popular = random.permutation(400)[np.minimum(random.zipf(1.3, len(middle)) - 1, 399)]
    vectors = shown[popular] + times[np.clip(((middle - 1400) / 10).astype(int), 0, 63)]
    named = np.flatnonzero(makers.of != NOBODY)
    vectors[named] += own[makers.of[named]]
    for top in range(0, len(vectors), 10_000):
        part = vectors[top : top + 10_000]
        part += 0.7 * random.standard_normal(size=part.shape, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return centred(vectors, makers)


def median_ms(ask, times=5):
    """Return milliseconds of CPU, all cores together, so that other programs do not count."""
    ask()
    spent = []
    for _ in range(times):
        start = time.process_time()
        ask()
        spent.append(time.process_time() - start)
    return 1000 * float(np.median(spent))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=["planted", "real", "size"])
    parser.add_argument("--most", type=int, default=117_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    console = Console(width=150)
    with tempfile.TemporaryDirectory() as folder:
        if "planted" in given.parts:
            planted(console, Path(folder), given.seeds)
        if "real" in given.parts and DATA.is_dir():
            real(console, Path(folder))
    if "size" in given.parts and DATA.is_dir():
        size(console, given.most)


if __name__ == "__main__":
    main()
