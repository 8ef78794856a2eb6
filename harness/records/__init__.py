"""What a run leaves on disk: the record, predictions, ledger, keys, provenance, and who measures them."""
