"""The local cloud: `template.yaml` served on this machine, by the same handlers as in AWS.

The data's way, in the order in which it happens:

    template → stack        template.yaml, expanded and read into plain objects
    cloud                   starts what follows, in order, and ends all of it
    aws                     S3, SQS and CloudWatch Logs over HTTP (moto's server, mended in mended_moto)
    gateway                 an HTTP request, answered as API Gateway REST answers it
    routing, usage, models  which route, may this key call it, does the body fit its model
    events                  the request as Lambda's proxy event
    event_source            a message in a queue, such as S3's of a dropped file, as Lambda polls it
    sqs_events              messages as Lambda's event; which of them the function says have failed
    schedule                at regular times an event, as EventBridge makes it
    subscription            log lines that a filter_pattern lets through, as CloudWatch Logs hands them over
    asynchronous            what invokes a function and does not wait for its answer
    function, environment   an idle execution environment or a cold start; one event at a time
    proxy                   the handler's answer as an HTTP response
    gateway_responses       what the gateway answers by itself
    logs                    what functions print, to CloudWatch Logs
"""
