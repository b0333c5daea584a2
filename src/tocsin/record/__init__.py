"""WHAT WE CAN PROVE: entries, the tree over them, signed heads, exports. It imports nobody."""
