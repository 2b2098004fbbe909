"""What the page's scripts and other programs ask the server for, without Gradio."""
