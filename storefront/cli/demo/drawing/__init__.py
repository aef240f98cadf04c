"""Vector drawing on Pillow: shapes, light and the things that the demo chain sells."""
