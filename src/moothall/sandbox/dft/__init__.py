"""The national Blue Badge service as an authority's system or the citizen's application sees it."""
