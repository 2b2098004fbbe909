"""A server on a small part of MNIST, for tests that only ask it."""

import httpx
import pytest

from mnist_demo.ui.demo import build_demo


@pytest.fixture(scope="package")
def http(small_mnist):
    demo = build_demo(small_mnist)
    demo.launch(prevent_thread_lock=True, quiet=True)
    with httpx.Client(base_url=demo.local_url, timeout=60) as client:
        yield client
    demo.close()
