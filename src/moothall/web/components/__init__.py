"""What pages are made of: the layout, a template for each component, and the fields of forms."""
