"""Two answers compared word by word: what differs (`words`) and how it is laid out (`layout`)."""
