"""Job 1: somebody forgot a PIN and gets the steps that suit their device."""
