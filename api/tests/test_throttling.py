"""The counter behind the rate limit."""

from concurrent.futures import ThreadPoolExecutor

from api.throttling import count


def test_simultaneous_requests_are_each_counted_once():
    with ThreadPoolExecutor(16) as pool:
        counted = list(pool.map(lambda _: count("a-key"), range(400)))
    assert sorted(counted) == list(range(1, 401))
