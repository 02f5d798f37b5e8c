"""What makes the files that are made, and what measures. Nothing here is part of the program."""
