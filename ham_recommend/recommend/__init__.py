"""Step 5: answer. Reads the catalog and the indexes; returns rankings, and remembers a session's taste."""
