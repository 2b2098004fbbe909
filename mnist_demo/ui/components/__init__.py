"""The page's own components, one folder each: class, template, script and style."""
