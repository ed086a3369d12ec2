"""How fast it goes: by what was done lately."""

from accord.runs.throughput import WINDOW_S, Throughput


def test_the_rate_is_that_of_the_last_seconds_not_of_the_whole_run() -> None:
    meter = Throughput(now_s=0.0)
    for second in range(1, 101):
        meter.add(second * 10, now_s=float(second))
    for second in range(101, 141):
        meter.add(1000 + (second - 100) * 500, now_s=float(second))
    assert meter.per_s(now_s=140.0) == 500.0


def test_when_nothing_is_done_any_more_the_rate_falls_to_zero() -> None:
    meter = Throughput(now_s=0.0)
    for second in range(1, 11):
        meter.add(second * 100, now_s=float(second))
    assert meter.per_s(now_s=10.0) == 100.0
    for second in range(11, 12 + int(2 * WINDOW_S)):
        meter.add(1000, now_s=float(second))
    assert meter.per_s(now_s=11.0 + 2 * WINDOW_S) == 0.0


def test_it_is_not_told_before_it_can_be_known() -> None:
    meter = Throughput(now_s=0.0)
    meter.add(1000, now_s=0.2)
    assert meter.per_s(now_s=0.2) == 0.0
