"""The arithmetic of the costs, on figures that are easily reckoned by hand."""

from bench.cost.disk import Disk, Size
from bench.cost.reckoning import Disks, Work, disk_table, reckoned

SHORT = Disk(1_100, 1_000, {"tokens": Size(2_000_000, 500_000), "small": Size(1_000, 0)}, 300_000)
LONG = Disk(2_200, 2_000, {"tokens": Size(4_000_000, 1_000_000), "small": Size(2_000, 0)}, 600_000)
BOOTS = Disk(5_100, 1_000, {"tokens": Size(2_800_000, 500_000), "small": Size(1_000, 0)}, 700_000)
WORK = Work(events_per_second=20_000.0, cpu_seconds=50e-6, wal_bytes=1_000.0)


def test_bytes_are_told_by_token_and_by_each_event_beyond() -> None:
    _, *rows = disk_table(Disks(SHORT, BOOTS))
    assert rows == [
        ["`tokens`", "2,000", "500", "200"],
        ["the other tables", "1", "0", "0"],
        ["Postgres", "2,001", "500", "200"],
        ["the topics", "300", "", "100"],
    ]


def test_twice_the_tokens_with_as_many_events_each_are_no_further_events() -> None:
    more = Disk(LONG.messages + 1, LONG.tokens, {"tokens": Size(4_000_100, 0)}, 0)
    assert Disks(SHORT, more).a_further_event(2_000_000, 4_000_100) == 100


def test_each_figure_follows_from_what_stands_beside_it() -> None:
    single = Work(events_per_second=100.0, cpu_seconds=1.0, wal_bytes=1.0)
    rows = {title: (how, figure) for title, how, figure in reckoned(Disks(SHORT, BOOTS), WORK, WORK, single)}
    assert rows["Postgres: the tokens"] == ("1,000,000,000 × 2,001 B", "2.00 TB")
    assert rows["boots a year"] == ("100,000 × 2 × 365", "73,000,000")
    assert rows["Postgres: a year of boots"] == ("73,000,000 × 200 B", "15 GB")
    assert rows["the first import of all"] == ("1,100,000,000 / 20,000 events/s", "15 h")
    assert rows["workers for that"] == ("167 / 100 events/s of one, single events", "2")
