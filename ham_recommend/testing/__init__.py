"""Contract suites and fakes, for this package and for authors of plugins; they need pytest."""
