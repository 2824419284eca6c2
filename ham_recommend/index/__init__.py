"""Step 4: find. Reads documents and vectors; writes 4-index/; answers with rankings."""
