"""Runs everything left of `recommend`, offline: reads a source; writes a whole workspace, a module a step."""
