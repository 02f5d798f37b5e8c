"""Stand-in model servers on loopback: for `chatapp demo`, and for the tests."""
