"""What `chatapp <command>` does: a file per command."""
