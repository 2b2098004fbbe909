"""Which packages the wheel holds; pyproject.toml says all else."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["mnist_demo*"]), "mnist_demo.weights"],
    package_dir={"mnist_demo.weights": "weights"},  # which lies at the top of the repository
)
