"""A package of a stranger: a museum, a store and a strategy for ham, over its public modules alone."""
