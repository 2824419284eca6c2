"""A strategy: from likes and channels to a ranking. This one shows what is least like the likes."""

import numpy as np

from ham_recommend.answers import Ranking
from ham_recommend.recommend.strategies import Mean, Strategy


class Farthest(Strategy):
    """Of all that the average like finds, the farthest first."""

    def rank(self, question, k):
        near = Mean().rank(question, 10_000)
        order = np.argsort(near.scores, kind="stable")[:k]
        return Ranking(near.item_ids[order], near.scores[order])
