"""One turn of a conversation, and who owns it."""
