"""What the live view costs: a run that is watched in the page, and the same run from the shell without events.

    python benchmarks/live_cost.py [--repeats 3] [--recipe NAME] [--epochs N]

Both are timed from the test of the untrained network to the end, all other tests included, in turn, on the same cores:
those on which the server answers and Chromium draws, too. Both leave one core free, as runs of the page do. The page is
late by up to a fifth of a second at both ends.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

import torch
from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.first_point import choose_recipe, open_training
from benchmarks.startup import PROJECT, serving
from mnist_demo.training.recipes import RECIPES

GOAL = 1.05  # watched / shell, at most
PAUSE = 8.0  # s until the next worker is warm, and nothing else goes on

FROM_SHELL = """
import sys, time
from dataclasses import replace
from mnist_demo import RECIPES, build_model, load_split, train
config = replace(RECIPES[sys.argv[1]], epochs=int(sys.argv[2]), cores=int(sys.argv[3]))
model = build_model(config.model, config.seed)
events = train(model, load_split(train=True), load_split(train=False), config)
while next(events).event != "epoch": pass  # the start, and the test of the untrained network
began = time.perf_counter()
for _ in events: pass
print(time.perf_counter() - began)
"""

TIME_FROM_FIRST_TO_LAST = """
() => new Promise((resolve) => {
  const status = document.querySelector("#train-status");
  let began = null;
  new MutationObserver((_, observer) => {
    if (began === null && /training on/.test(status.textContent)) began = performance.now();
    if (began === null || !/finished/.test(status.textContent)) return;
    observer.disconnect();
    resolve((performance.now() - began) / 1000);
  }).observe(status, { childList: true, characterData: true, subtree: true });
  document.querySelector("#train-start").click();
})
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="Time what it costs to watch a run.")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each kind; the table shows medians")
    parser.add_argument("--recipe", choices=list(RECIPES), default="mlp-sigmoid")
    parser.add_argument("--epochs", type=int, help="as many as it takes to make the delay of the page small")
    arguments = parser.parse_args()
    epochs = arguments.epochs or RECIPES[arguments.recipe].epochs
    cores = RECIPES[arguments.recipe].cores or max(1, torch.get_num_threads() - 1)  # as the server decides it
    watched, shell = [], []
    with serving(("app.py", "--port")) as url, sync_playwright() as playwright:
        page = open_training(playwright, url)
        choose_recipe(page, arguments.recipe)
        expect(page.locator("#train-epochs input")).to_have_value(str(RECIPES[arguments.recipe].epochs))
        page.locator("#train-epochs input").fill(str(epochs))
        page.keyboard.press("Tab")
        for _ in range(arguments.repeats):
            time.sleep(PAUSE)
            watched.append(page.evaluate(TIME_FROM_FIRST_TO_LAST))
            page.get_by_role("tab", name="Draw").click()  # so that nothing is drawn beside the other run
            time.sleep(PAUSE)
            shell.append(time_from_shell(arguments.recipe, epochs, cores))
            page.get_by_role("tab", name="Train now").click()
        page.context.browser.close()
    print("| run | median | all |")
    print("|---|---|---|")
    for name, values in (("watched in the page", watched), ("from the shell, without events", shell)):
        print(f"| {name} | {statistics.median(values):.2f} s | {', '.join(f'{value:.2f}' for value in values)} |")
    print(f"\nratio {statistics.median(watched) / statistics.median(shell):.2f} (goal: at most {GOAL:g})")


def time_from_shell(recipe: str, epochs: int, cores: int) -> float:
    command = [sys.executable, "-c", FROM_SHELL, recipe, str(epochs), str(cores)]
    return float(subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
