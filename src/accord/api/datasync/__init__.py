"""The GroupID contract: DataSync jobs, data sources and tokens, in the bodies and envelopes that its clients know."""
