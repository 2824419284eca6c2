"""Step 2: clean the records into one table of works. Reads RawRecord; writes 2-catalog/."""
