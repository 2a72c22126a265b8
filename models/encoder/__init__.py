"""all-MiniLM-L6-v2 as an ONNX graph: package → tensors → graph (float, INT8) → build/encoder."""
