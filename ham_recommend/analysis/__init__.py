"""Step 6, analysis: what a whole collection says of resemblance through time, and of its own bias.

Reads a :class:`~ham_recommend.recommend.recommender.Recommender`: its catalog and the vectors of one encoder.
Writes ``5-analysis/<encoder>.*.parquet``.

========================= ==================================================================================
:mod:`influence`          ``ham.influence``: earlier works it resembles, echoes, artists, bridges, tours
:mod:`evolution`          ``ham.evolution``: how a group of works changes, step by step
:mod:`bias`               ``ham.bias``: what a collection and its answers show more of, and less
:mod:`map`                ``ham.map``: every work on a plane, near those that it resembles
:mod:`enrich`             ``ham.enrich``: life years, culture, gender and movement from a table of one's own
:mod:`fused`              one vector of looks and date, whose product is a weighted sum
:mod:`plots`              pictures of all of it
========================= ==================================================================================

Resemblance and order in time are all that is measured. Neither is evidence that an artist saw a work.
"""

CAVEAT = "Resemblance and order in time; not evidence that the artist saw the work."
"""What every answer says."""
