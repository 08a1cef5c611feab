"""Turns are taken in order of arrival, and never more than `parallel` at once."""

import threading

import pytest

from serving.turns import Turns


def wait_for_waiters(turns: Turns, count: int) -> None:
    while len(turns._waiting) < count:
        threading.Event().wait(0.001)


def test_those_who_wait_come_in_order_and_before_one_who_comes_again() -> None:
    turns = Turns(1)
    order: list[int] = []

    def work(number: int) -> None:
        with turns.take():
            order.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    with turns.take():
        for waiting, thread in enumerate(threads, start=1):
            thread.start()
            wait_for_waiters(turns, waiting)
    work(99)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 99]


@pytest.mark.parametrize("parallel", [1, 3])
def test_no_more_than_parallel_work_at_once(parallel: int) -> None:
    turns = Turns(parallel)
    lock = threading.Lock()
    inside = most = 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with turns.take():
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= parallel
    assert inside == 0


def test_a_turn_is_given_back_after_a_fault() -> None:
    turns = Turns(1)
    with pytest.raises(ValueError, match="broken"), turns.take():
        raise ValueError("broken")
    with turns.take():
        pass


def test_who_waits_is_told() -> None:
    told: list[int] = []
    turns = Turns(1, told.append)

    def work() -> None:
        with turns.take():
            pass

    with turns.take():
        thread = threading.Thread(target=work)
        thread.start()
        wait_for_waiters(turns, 1)
        while not told:
            threading.Event().wait(0.001)
        assert told == [1]
    thread.join()
    assert told == [1, -1]
