"""Numbers as pictures: frozen data in, SVG out."""
