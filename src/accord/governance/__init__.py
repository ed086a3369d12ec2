"""The analyses of who holds what: role mining, policies, managers, enrichment. Pure: frames in, findings out."""
