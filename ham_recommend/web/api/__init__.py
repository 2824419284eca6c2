"""The API, version 1: search, works, pictures, sessions. `openapi.json` describes it."""

PREFIX = "/api/v1"
