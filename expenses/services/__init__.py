"""What changes money, each in one transaction with its audit event and its messages."""
