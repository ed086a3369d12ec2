"""The clock: the durable queue, workers, schedules, cancellation. Does not know what a run is."""
