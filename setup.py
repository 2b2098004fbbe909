"""Which packages the wheel holds; pyproject.toml says all else."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["mnist_demo*"]), "mnist_demo.weights", "mnist_demo.docs"],
    package_dir={"mnist_demo.weights": "weights", "mnist_demo.docs": "docs"},  # which lie at the top of the repository
)
