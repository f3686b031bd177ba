"""What makes the ledger evidence (台账存证): chains, anchors, proofs, and an export that verifies itself offline."""
