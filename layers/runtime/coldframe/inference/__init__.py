"""Every model by the Open Inference Protocol (V2): tensors in JSON, beside the plain routes.

request (types) → the model that answers (models) → its input (kinds) → rows → output tensors (tensors)
                                                                any problem → {"error": …} (errors)

Source: https://github.com/open-inference-protocol/open-inference-protocol, there
specification/protocol/inference_rest.md.
"""
