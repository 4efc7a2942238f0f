"""What changes projects, one module per concept. Every change has ``by=`` and an audit event."""
