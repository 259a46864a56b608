"""What programs ask of this room: the panel in a teacher's Lab."""
