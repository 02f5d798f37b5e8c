"""What may leave the building: findings, verdicts, and the one maker of clearance."""
