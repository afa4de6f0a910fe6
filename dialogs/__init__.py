"""What is understood and what is said, as plain data: words in, words out."""
