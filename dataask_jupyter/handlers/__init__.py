"""The REST faces: who asks, is the input well formed, one service call."""
