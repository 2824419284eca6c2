"""Write benchmarks/ANSWERS.md anew: what odd questions bring now, beside what they brought before.

    python benchmarks/odd_questions.py [--folder artifacts/leaderboard]

Builds the three collections from ``$HAM_DATA`` (default ``../shared/data``) into the folder, once. What was
found *before* and what a curator would say of it are kept as the page has them; answers that are no longer
those that the verdict was written on are marked in the terminal, to be read again.
"""

from __future__ import annotations

import argparse
import os
import re
from itertools import zip_longest
from pathlib import Path

from leaderboard import collection
from rich.console import Console

from ham_recommend import Recommender, TableSource, build, registry

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
PAGE = Path(__file__).with_name("ANSWERS.md")
SHOWN = 5
LONGEST_TITLE, LONGEST = 60, 30
NOTHING = "–"


def sample(folder):
    build(registry.load("source", "sample")(), folder / "sample")
    return Recommender.load(folder / "sample")


def paintings(folder):
    source = TableSource(DATA / "paintings" / "paintings.csv")
    build(source, folder / "paintings", image_encoder=None)
    return Recommender.load(folder / "paintings")


COLLECTIONS = {
    "117,243 records": lambda folder: collection("museum", folder),
    "The sample museum": sample,
    "1,062 paintings by their titles": paintings,
}


def found(recommender, question):
    """Return the first works, each in a line of title, artist, date and kind."""
    works = recommender.search(question, SHOWN).works.values()
    return [
        " · ".join(
            part.replace("|", "/").replace("\n", " ")
            for part in (
                work.title[:LONGEST_TITLE],
                work.artist[:LONGEST],
                work.date,
                work.classification[:LONGEST],
            )
            if part
        )
        for work in works
    ]


def parts(section):
    """Return the question of a section, what a curator says, and both columns."""
    question, rest = section.split("\n", 1)
    said, table = rest.split("\n| before | now |\n|---|---|\n", 1)
    rows = [re.split(r" ?\| ?", line)[1:-1] for line in table.strip().splitlines()]
    before, now = ([cell for cell in column if cell] for column in zip(*rows, strict=True))
    return question.strip(), said.strip(), before, now


def written(question, said, before, now):
    rows = [f"| {one} | {other} |" for one, other in zip_longest(before, now, fillvalue="")]
    return "\n".join([f"### {question}\n", f"{said}\n", "| before | now |", "|---|---|", *rows]) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("artifacts/leaderboard"))
    asked = parser.parse_args()
    head, *chapters = PAGE.read_text(encoding="utf-8").split("\n## ")
    page, console = [head.rstrip() + "\n"], Console(highlight=False)
    for chapter in chapters:
        name, *sections = chapter.split("\n### ")
        recommender = COLLECTIONS[name.strip()](asked.folder)
        page.append(f"## {name.strip()}\n")
        for section in sections:
            question, said, before, then = parts(section)
            now = found(recommender, question) or [NOTHING]
            page.append(written(question, said, before, now))
            if now != then:
                console.print(f"[bold]{question}[/] ({name.strip()}): {said}")
                console.print(*(f"  {line}" for line in now), sep="\n", markup=False)
    PAGE.write_text("\n".join(page), encoding="utf-8")
    console.print(f"Written: {PAGE}")


if __name__ == "__main__":
    main()
