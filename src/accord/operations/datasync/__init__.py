"""DataSync jobs: providers registered, jobs kept, run, previewed, and what became of each row."""
