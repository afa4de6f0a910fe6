"""The seam: the signing keys, the way out, the wire."""
