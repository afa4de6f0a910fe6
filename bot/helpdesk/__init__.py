"""A question that people answer, in the channel of the help desk."""
