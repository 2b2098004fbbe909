"""Start the demo: python app.py

A Hugging Face Space wants this file; what it starts is also `mnist-demo`, once the package is installed.
"""

from mnist_demo.ui.serve import main

if __name__ == "__main__":
    main()
