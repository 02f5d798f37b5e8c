"""Side door: what a model may have done for it."""
