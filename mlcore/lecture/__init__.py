"""The slides with numbers: the training as a film and as a walk line by line, the chain rule of one instance, where the text errs."""
