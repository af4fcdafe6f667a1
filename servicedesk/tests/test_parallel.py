"""Parallel test processes do not empty each other's Redis."""

from servicedesk.parallel import own_redis


def test_each_process_has_a_database_of_its_own_on_the_same_server():
    urls = {own_redis("redis://127.0.0.1:6379/14", f"gw{n}") for n in range(4)}
    assert urls == {f"redis://127.0.0.1:6379/{n}" for n in (15, 0, 1, 2)}


def test_an_address_without_a_database_means_the_first():
    assert own_redis("redis://cache:6379", "gw0") == "redis://cache:6379/1"
