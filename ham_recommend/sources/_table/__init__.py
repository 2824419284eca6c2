"""Parts of :class:`~ham_recommend.sources.table.TableSource`: files → rows → columns → records."""
