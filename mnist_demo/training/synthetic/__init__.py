"""Synthetic drawings, made from pen strokes.

glyphs, letters, other_glyphs -> hands -> drawings, others -> mixture
"""
