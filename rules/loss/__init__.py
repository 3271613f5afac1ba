"""What goes into the loss."""
