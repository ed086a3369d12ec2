"""The REST doors: run profiles and administration, DataSync jobs, jobs. They call operations and nothing below."""
