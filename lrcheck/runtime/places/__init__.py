"""Where something happens in a running program: frames, lines, and the source text around them."""
