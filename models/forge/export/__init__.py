"""From a classifier of features, fitted elsewhere, to a version in ONNX."""
