"""The `ham` command: one file per command."""
