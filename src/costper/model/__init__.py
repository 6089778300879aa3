"""The nouns of costper: frozen values, standard library only."""
