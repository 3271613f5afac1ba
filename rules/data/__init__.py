"""Where the data comes from and lives."""
