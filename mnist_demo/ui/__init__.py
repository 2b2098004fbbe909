"""The page: one module a tab, one folder a component of our own."""

import os

# Before Gradio is imported: nothing here calls home.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
