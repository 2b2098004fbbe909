"""Synthetic drawings, made from pen strokes."""
