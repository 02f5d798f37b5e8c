"""Side door: one file per API of a model server."""
