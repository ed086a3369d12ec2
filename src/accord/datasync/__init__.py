"""DataSync jobs: bodies of the GroupID contract become connected systems, rules and a run sequence."""
