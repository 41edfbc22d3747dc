"""Live cameras: where they are, the thread that reads each of them, and how they fare."""
