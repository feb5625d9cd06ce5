"""What stays: event lines as they come, past runs, exports."""
