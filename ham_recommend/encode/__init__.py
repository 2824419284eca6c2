"""Step 3: turn pictures and texts into vectors. Reads the catalog and its thumbnails; writes 3-embeddings/."""
