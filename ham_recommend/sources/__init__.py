"""Step 1: read a museum's records. Reads tables, folders, museums; yields RawRecord."""
