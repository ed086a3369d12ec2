"""The REST doors: run profiles and administration, DataSync jobs, jobs."""
