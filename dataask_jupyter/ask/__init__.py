"""From a question to an answer: engines that read questions, and the pipeline that runs what they read."""
