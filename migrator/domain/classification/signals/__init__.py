"""One signal per file: each looks at one thing in an item and says what it found."""
