"""Analysis of a trained network: confusion matrix, worst mistakes, first-layer weights, robustness to corruptions."""
