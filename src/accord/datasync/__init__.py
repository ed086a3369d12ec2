"""DataSync jobs (the GroupID Synchronize contract): a job's body becomes connected systems, rules and a run sequence.

Pure but for `source`, which reads through connectors: what a body says is decided here, what is done with it above.
"""
