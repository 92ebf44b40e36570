"""Products, prices in points, suppliers' lists, stock."""
