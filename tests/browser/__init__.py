"""The chat page and the gallery in Chromium; `python -m tests.browser.picture` makes the README's picture."""
