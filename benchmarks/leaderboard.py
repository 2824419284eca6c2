"""Write benchmarks/LEADERBOARD.md: every method beside every other, on every judged collection.

    python benchmarks/leaderboard.py [--folder artifacts/leaderboard] [--only tate --only met]

Builds what is judged from ``$HAM_DATA`` (default ``../shared/data``) into the folder, once, asks every judged
query of every method, and writes the page anew. Stopped, it goes on where it was. The same code, data and
packages give the same page to the digit; it takes about a quarter of an hour. A page with only some of the
tasks says which are left out.

A collection: a line in ``COLLECTIONS`` and a line in ``JUDGED``. A method: an entry point of the group
``ham_recommend.methods`` (or a line in ``registry.py``), and it is on the page.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from tqdm import tqdm

from ham_recommend import Recommender, TableSource, build, registry
from ham_recommend._version import __version__
from ham_recommend.evaluate.compare import Judged, difference
from ham_recommend.evaluate.judgements import read_judgements
from ham_recommend.evaluate.methods import OURS, known_methods, title_of
from ham_recommend.evaluate.runs import answers
from ham_recommend.evaluate.taste import LIKES, K, judge_strategy, trials

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
PAGE = Path(__file__).with_name("LEADERBOARD.md")
TRIALS = 200


@dataclass(frozen=True)
class Table:
    """One judged task: which collection, which judgements, among which works."""

    name: str
    title: str
    collection: str
    judgements: str
    where: dict = field(default_factory=dict)


COLLECTIONS = {
    "museum": ("museum_117k.parquet", ("alt_text",)),
    "walters": ("walters_hidden.parquet", ()),
}
"""Name → the table it is built from, and the columns left out of it: what queries ask must not be in it."""

JUDGED = (
    Table("tate", "Tate's subjects, among its works", "museum", "tate_subjects_dev", {"source": "tate"}),
    Table("met", "One painting by its alt text, among 117,243 works", "museum", "met_alttext_dev"),
    Table("departments", "Walters: keywords of its departments", "walters", "walters_departments_dev"),
    Table("titles", "Walters: one work by a title taken out of it", "walters", "walters_titles_dev"),
    Table("culture", "Culture, kind and century", "museum", "facets_culture_kind_century_dev"),
    Table("decade", "Decade and kind", "museum", "facets_decade_kind_dev"),
    Table("surname", "Surname and kind", "museum", "facets_surname_kind_dev"),
)
TASTES = ("tate",)
"""Which of them also judge recommendations."""

HEAD = f"""# Leaderboard

How well each method answers judged queries of real museum records, and each strategy recommends. Written by
one command, never by hand, and the same to the digit each time:

    HAM_DATA=… python benchmarks/leaderboard.py

*Better by* is how much higher nDCG@10 is with `ham`, with its 95 % interval by the paired bootstrap over the
queries (10,000 resamples, seed 0); where it leaves out 0, it is bold. A method is added by the entry-point
group `ham_recommend.methods`, a collection by two lines in `benchmarks/leaderboard.py`. ham_recommend
{__version__}. The judgements are development sets, which weights were chosen with.
"""


def collection(name, folder):
    """Return a collection, built where it is not yet."""
    table, ignored = COLLECTIONS[name]
    source = TableSource(DATA / "collections" / table, ignore=ignored)
    build(source, folder / name, image_encoder=None)
    return Recommender.load(folder / name)


def judged_by_all(recommender, task, kept):
    judgements = read_judgements(DATA / "relevance" / f"{task.judgements}.parquet")
    methods = [*registry.known("method"), "mean", "interleave"]
    found = []
    for name in [OURS, *(name for name in known_methods() if name in methods and name != OURS)]:
        with tqdm(desc=f"{task.name}, {name}", total=len(judgements)) as bar:
            run = answers(
                name, recommender, judgements, where=task.where or None, kept=kept, advance=bar.update
            )
        found.append(Judged.of(name, run, judgements))
    return found


def lines_of(task, found):
    """Return the table of one task, best first."""
    ours = found[0]
    queries = list(ours.scores)
    rows = [
        f"## {task.title}\n",
        f"{len(queries):,} queries of `{task.judgements}`.\n",
        "| method | nDCG@10 | R@100 | MRR | hit@1 | `ham` better by |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for each in sorted(found, key=lambda each: (-each.metrics.ndcg_10, each.method)):
        means = each.metrics
        figures = (means.ndcg_10, means.recall_100, means.mrr, means.hit_1)
        gain = "–"
        if each is not ours:
            gained = difference(
                [ours.scores[query].ndcg_10 for query in queries],
                [each.scores[query].ndcg_10 for query in queries],
            )
            gain = f"{gained.mean:+.3f} [{gained.low:+.3f}, {gained.high:+.3f}]"
            gain = f"**{gain}**" if gained.is_sure else gain
        name = f"`{each.method}`: {title_of(each.method)}" if each.method in registry.known("method") else ""
        cells = [name or title_of(each.method), *(f"{figure:.3f}" for figure in figures), gain]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def lines_of_tastes(recommender, task):
    judgements = read_judgements(DATA / "relevance" / f"{task.judgements}.parquet")
    drawn = trials(judgements, recommender, task.where or None, TRIALS)
    rows = [
        f"## Recommendations: {task.title}\n",
        f"{TRIALS} trials of each kind: {LIKES} works of one query are liked, or of two; *right* is the "
        f"share of the {K} recommended that belong to them, *even* the weaker of two beside the stronger.\n",
        "| strategy | one taste: right | two: right | even | `interleave` better by, one |",
        "|---|--:|--:|--:|--:|",
    ]
    scores = {}
    for name in sorted(registry.known("strategy"), key=lambda name: name != "interleave"):
        with tqdm(desc=f"{task.name}, {name}", total=2 * TRIALS) as bar:
            scores[name] = judge_strategy(
                name, recommender, drawn, where=task.where or None, advance=bar.update
            )
        each, first = scores[name], scores["interleave"]
        gain = "–"
        if each is not first:
            gained = difference(first.one_right, each.one_right)
            gain = f"{gained.mean:+.3f} [{gained.low:+.3f}, {gained.high:+.3f}]"
            gain = f"**{gain}**" if gained.is_sure else gain
        figures = [sum(values) / len(values) for values in (each.one_right, each.two_right, each.two_even)]
        rows.append(f"| `{name}` | {' | '.join(f'{figure:.3f}' for figure in figures)} | {gain} |")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("artifacts/leaderboard"))
    parser.add_argument("--only", action="append", choices=[task.name for task in JUDGED])
    asked = parser.parse_args()
    lines, opened, left_out = [HEAD], {}, []
    for task in JUDGED:
        if asked.only and task.name not in asked.only:
            left_out.append(task.title)
            continue
        if task.collection not in opened:
            opened[task.collection] = collection(task.collection, asked.folder)
        recommender = opened[task.collection]
        lines += ["\n".join(lines_of(task, judged_by_all(recommender, task, asked.folder / "runs"))), ""]
        if task.name in TASTES:
            lines += ["\n".join(lines_of_tastes(recommender, task)), ""]
    if left_out:
        lines.append(f"Left out of this run, by `--only`: {'; '.join(left_out)}.")
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    Console().print(f"Written: {PAGE}")


if __name__ == "__main__":
    main()
