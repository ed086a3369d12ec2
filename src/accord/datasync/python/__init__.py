"""Python scripts of jobs: checked when saved, run in a process that can neither open, connect nor start anything."""
