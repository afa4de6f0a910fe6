"""What is shown and not served: a trial on a simulated tenant, questions on the command line, the gallery of cards."""
