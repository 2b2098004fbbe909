"""Which published label errors of MNIST's test split are among ours.

    python benchmarks/label_errors.py

Northcutt, Athalye and Mueller (arXiv:2103.14749) showed a hundred suspicious test images to five people each; for
fifteen of them three or more did not see the digit that the label says. Source: cleanlab/label-errors,
mturk/mnist_mturk.json. Ours are those of the shipped file, which `python -m mnist_demo.label_errors` makes.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from mnist_demo import load_split
from mnist_demo.insight.label_error_file import place_of, read_label_errors

# Index in the test split: its label, the guess that people were shown, how many of five saw the label, and the guess.
PUBLISHED = {
    947: (8, 9, 0, 5),
    1621: (0, 6, 2, 3),
    1901: (9, 4, 2, 3),
    2130: (4, 9, 2, 2),
    2462: (2, 0, 0, 4),
    2597: (5, 3, 0, 4),
    2654: (6, 1, 0, 2),
    3520: (6, 4, 2, 0),
    3558: (5, 0, 1, 4),
    5937: (5, 3, 1, 3),
    6651: (0, 6, 0, 5),
    6783: (1, 6, 2, 3),
    8527: (4, 9, 2, 2),
    9679: (6, 3, 2, 0),
    9729: (5, 6, 2, 3),
}


def main() -> None:
    test = load_split(train=False)
    found = read_label_errors(place_of(None), {"test": test})
    if found is None:
        sys.exit("expected the shipped label errors to be about MNIST's test split, found others or none")
    ranks = {error.index: rank for rank, error in enumerate(found.errors["test"], 1)}
    proposed = {error.index: error.proposed for error in found.errors["test"]}
    print("| test image | label | published guess | saw the label, the guess | ours, rank | we propose |")
    print("|---|---|---|---|---|---|")
    for index, (label, guess, given, guessed) in PUBLISHED.items():
        if test.labels[index] != label:
            sys.exit(f"test image {index}: expected the label {label}, found {test.labels[index]}")
        ours = f"{ranks.get(index, '')} | {proposed.get(index, '')}"
        print(f"| {index} | {label} | {guess} | {given}, {guessed} | {ours} |")
    hits = len(PUBLISHED.keys() & ranks.keys())
    print(f"\n{hits} of {len(PUBLISHED)} published ones are among our {len(ranks)}.")


if __name__ == "__main__":
    main()
