"""How the declared sources stand, and what people do with them while costper serves."""
