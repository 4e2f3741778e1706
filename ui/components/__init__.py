"""Components of our own, one folder each: HTML, CSS and plain JavaScript, no build."""
