import os
import sys
import threading

import pytest
import torch

from mnist_demo.threads import CORES, computing_on, keep_in_background, keep_to_one_core
from mnist_demo.ui.demo import build_demo


def in_a_thread(function):
    """Return what a function returns in a thread of its own."""
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function()))
    thread.start()
    thread.join()
    return answers[0]


def test_as_many_cores_as_asked_for_until_it_is_over():
    before = torch.get_num_threads()
    with computing_on(1):
        assert torch.get_num_threads() == 1
    with computing_on(0):
        assert torch.get_num_threads() == before
    assert torch.get_num_threads() == before


def test_also_where_it_fails():
    before = torch.get_num_threads()
    with pytest.raises(KeyError), computing_on(1):
        raise KeyError
    assert torch.get_num_threads() == before


def test_a_thread_that_keeps_to_one_core_leaves_this_one_and_the_number_of_cores_alone():
    def keep():
        keep_to_one_core()
        return torch.get_num_threads()

    before = torch.get_num_threads()
    with computing_on(0):  # which lets threads after this test have all cores again
        assert in_a_thread(keep) == 1
        assert torch.get_num_threads() == before
    assert CORES == 2  # as tests/conftest.py sets it; a new thread would now say 1


def test_building_a_demo_leaves_the_cores_of_this_thread_alone(small_mnist):
    before = torch.get_num_threads()
    demo = build_demo(small_mnist)
    demo.close()
    assert torch.get_num_threads() == before


@pytest.mark.skipif(sys.platform != "linux", reason="only there a thread has a priority of its own")
def test_a_thread_in_the_background_has_the_lowest_priority_and_this_one_keeps_its_own():
    def keep():
        keep_in_background()
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), torch.get_num_threads()

    before = os.getpriority(os.PRIO_PROCESS, 0)
    assert in_a_thread(keep) == (19, 1)
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
