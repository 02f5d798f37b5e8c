"""Side door: where everything stays."""
