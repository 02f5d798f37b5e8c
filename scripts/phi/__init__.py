"""How the detector is made and measured: word lists, texts, training, and the table in docs/privacy.md."""
