"""TF-IDF of counted words, by work, as an index of them alone has it."""

import numpy as np

from ham_recommend.encode.languages import language_of, small_words_said
from ham_recommend.encode.text import are_terms, count_stems
from ham_recommend.encode.weights import Vocabulary, by_work, saturated, weigh


def language_of_works(counted):
    return language_of(small_words_said(counted.words, counted.counts), counted.counts.shape[0])


def weighed(counted):
    """Return the vocabulary and the weights, works × terms."""
    language = language_of_works(counted)
    stems, of_word, times = count_stems(counted, language)
    terms = np.flatnonzero(are_terms(counted.words, of_word, len(stems)))
    idf, weights, _ = weigh(saturated(times)[terms])
    return Vocabulary([stems[row] for row in terms], idf, language), by_work(weights)
