"""The page's colours and shapes, on Gradio's base theme. The components take theirs from page.css."""

import gradio as gr

ACCENT = gr.themes.Color(
    name="vermilion",
    c50="#fff4ee",
    c100="#ffe4d5",
    c200="#ffc6aa",
    c300="#ff9f73",
    c400="#fb7a43",
    c500="#ee5d22",
    c600="#d14914",
    c700="#ab3810",
    c800="#882f13",
    c900="#6e2a14",
    c950="#3c1206",
)

# Comes with Gradio. Without the weight 600, whose file lacks half of the letters.
LOCAL_FONT = gr.themes.LocalFont("IBM Plex Sans", weights=(400, 700))

THEME = gr.themes.Base(
    primary_hue=ACCENT,
    secondary_hue="blue",
    neutral_hue="slate",
    radius_size="lg",
    text_size="lg",
    font=[LOCAL_FONT, "ui-sans-serif", "system-ui", "sans-serif"],
).set(
    body_background_fill="#f7f5f0",
    body_background_fill_dark="#10131c",
    body_text_color="#1b2333",
    body_text_color_dark="#e9ecf3",
    body_text_color_subdued="#5d6676",
    body_text_color_subdued_dark="#9aa4b5",
    background_fill_primary="#ffffff",
    background_fill_primary_dark="#191e2b",
    background_fill_secondary="#f1eee6",
    background_fill_secondary_dark="#232a3a",
    border_color_primary="#dfdacd",
    border_color_primary_dark="#333c50",
    block_background_fill="#ffffff",
    block_background_fill_dark="#191e2b",
    block_border_width="1px",
    block_shadow="none",
    block_label_text_color="#5d6676",
    block_label_text_color_dark="#9aa4b5",
    input_background_fill="#ffffff",
    input_background_fill_dark="#10131c",
    button_primary_background_fill="#c8430f",
    button_primary_background_fill_hover="#ab3810",
    button_primary_background_fill_dark="#c8430f",
    button_primary_background_fill_hover_dark="#d14914",
    button_secondary_background_fill="#ffffff",
    button_secondary_background_fill_dark="#232a3a",
    button_secondary_background_fill_hover="#f1eee6",
    button_secondary_background_fill_hover_dark="#2a3245",
    button_secondary_border_color="#dfdacd",
    button_secondary_border_color_dark="#333c50",
    button_border_width="1px",
    checkbox_label_background_fill="#f1eee6",
    checkbox_label_background_fill_dark="#232a3a",
    checkbox_label_background_fill_hover="#e6e1d4",
    checkbox_label_background_fill_hover_dark="#2a3245",
    button_primary_text_color="#ffffff",
    button_primary_text_color_dark="#ffffff",
)
