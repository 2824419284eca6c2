"""Step 3: turn pictures and texts into vectors. Reads the catalog; writes thumbnails and 3-embeddings/."""
