"""How well a visitor fits a host: the score and its parts."""
