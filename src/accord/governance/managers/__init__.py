"""Manager resolution: who reports to whom, found by ordered matchers, with evidence, never by guessing."""
