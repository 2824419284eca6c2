"""Step 3: turn pictures and texts into vectors. Reads the catalog; writes 3-embeddings/."""
