"""What of CloudFormation the local cloud does, and what it leaves out, each with the reason.

What stands in neither list is refused at start-up.
"""

SERVED: dict[str, frozenset[str]] = {
    "AWS::Lambda::Function": frozenset(
        {
            "Code",
            "Environment",
            "FunctionName",
            "Handler",
            "Layers",
            "LoggingConfig",
            "MemorySize",
            "ReservedConcurrentExecutions",
            "Timeout",
        }
    ),
    "AWS::Lambda::LayerVersion": frozenset({"Content", "LayerName"}),
    "AWS::Lambda::Alias": frozenset({"FunctionName", "Name"}),
    "AWS::ApiGateway::RestApi": frozenset({"BinaryMediaTypes", "Body"}),
    "AWS::ApiGateway::Stage": frozenset({"RestApiId", "StageName"}),
    "AWS::Lambda::EventSourceMapping": frozenset(
        {
            "BatchSize",
            "Enabled",
            "EventSourceArn",
            "FunctionName",
            "FunctionResponseTypes",
            "ScalingConfig",
        }
    ),
    "AWS::S3::Bucket": frozenset({"BucketName", "NotificationConfiguration", "VersioningConfiguration"}),
    "AWS::SQS::Queue": frozenset(
        {
            "DelaySeconds",
            "MaximumMessageSize",
            "MessageRetentionPeriod",
            "QueueName",
            "ReceiveMessageWaitTimeSeconds",
            "RedrivePolicy",
            "VisibilityTimeout",
        }
    ),
    "AWS::Logs::LogGroup": frozenset({"LogGroupName"}),
    "AWS::Logs::SubscriptionFilter": frozenset(
        {"DestinationArn", "FilterName", "FilterPattern", "LogGroupName"}
    ),
    "AWS::Events::Rule": frozenset({"Name", "ScheduleExpression", "State", "Targets"}),
}

LEFT_OUT_PROPERTIES: dict[str, dict[str, str]] = {
    "AWS::Lambda::Function": {
        "Architectures": "functions run on this machine's processor",
        "DeadLetterConfig": "a tick or log lines that a function fails on are told on the console",
        "Description": "a note for people",
        "EphemeralStorage": "functions use this machine's /tmp",
        "RecursiveLoop": "nobody looks for loops locally",
        "Role": "permissions are not enforced locally",
        "Runtime": "functions run on the interpreter of the development environment",
        "SnapStart": "there is nothing to restore from; every local cold start is a full one",
        "Tags": "a note for people",
        "TracingConfig": "there is no X-Ray locally",
    },
    "AWS::Lambda::LayerVersion": {
        "CompatibleArchitectures": "a note for people",
        "CompatibleRuntimes": "a note for people",
        "Description": "a note for people",
        "LicenseInfo": "a note for people",
    },
    "AWS::Lambda::Alias": {
        "Description": "a note for people",
        "FunctionVersion": "the one local version is the code in the folder",
    },
    "AWS::Lambda::EventSourceMapping": {
        "Tags": "a note for people",
    },
    "AWS::ApiGateway::RestApi": {
        "ApiKeySourceType": "keys come in the x-api-key header, which is the default",
        "Description": "a note for people",
        "EndpointConfiguration": "there is one local endpoint",
        "Name": "a note for people",
        "Parameters": "they choose the endpoint's kind; there is one local endpoint",
        "Tags": "a note for people",
    },
    "AWS::ApiGateway::Stage": {
        "AccessLogSetting": "the local access log is written to the console",
        "DeploymentId": "the one local deployment is the template",
        "Description": "a note for people",
        "MethodSettings": "local limits are those of the keys' plans",
        "Tags": "a note for people",
        "TracingEnabled": "there is no X-Ray locally",
    },
    "AWS::S3::Bucket": {
        "BucketEncryption": "nothing is written to disk",
        "CorsConfiguration": "the AWS endpoint answers pages of any origin",
        "LifecycleConfiguration": "nothing outlives the local cloud",
        "OwnershipControls": "there is one local account",
        "PublicAccessBlockConfiguration": "the endpoint listens on 127.0.0.1 alone",
        "Tags": "a note for people",
    },
    "AWS::SQS::Queue": {
        "KmsMasterKeyId": "nothing is written to disk",
        "SqsManagedSseEnabled": "nothing is written to disk",
        "Tags": "a note for people",
    },
    "AWS::Logs::LogGroup": {
        "KmsKeyId": "nothing is written to disk",
        "RetentionInDays": "nothing outlives the local cloud",
        "Tags": "a note for people",
    },
    "AWS::Logs::SubscriptionFilter": {},
    "AWS::Events::Rule": {
        "Description": "a note for people",
        "Tags": "a note for people",
    },
}

LEFT_OUT_TYPES: dict[str, str] = {
    "AWS::ApiGateway::Account": "it lets API Gateway write logs",
    "AWS::ApiGateway::ApiKey": "local keys are set by COLDFRAME_API_KEY",
    "AWS::ApiGateway::Deployment": "the one local deployment is the template",
    "AWS::ApiGateway::UsagePlan": "local plans are fixed in infra/local/settings.py",
    "AWS::ApiGateway::UsagePlanKey": "local plans are fixed in infra/local/settings.py",
    "AWS::CloudWatch::Alarm": "nobody is on call for a laptop",
    "AWS::CloudWatch::Dashboard": "it shows what alarms watch",
    "AWS::CodeDeploy::Application": "gradual deployment is the cloud's",
    "AWS::CodeDeploy::DeploymentGroup": "gradual deployment is the cloud's",
    "AWS::IAM::ManagedPolicy": "permissions are not enforced locally",
    "AWS::IAM::Policy": "permissions are not enforced locally",
    "AWS::IAM::Role": "permissions are not enforced locally",
    "AWS::KMS::Alias": "locally models are signed by the key file of COLDFRAME_MODEL_KEY",
    "AWS::KMS::Key": "locally models are signed by the key file of COLDFRAME_MODEL_KEY",
    "AWS::Lambda::EventInvokeConfig": "events are tried again for seconds here, not for hours",
    "AWS::Lambda::Permission": "permissions are not enforced locally",
    "AWS::Lambda::Version": "the one local version is the code in the folder",
    "AWS::S3::BucketPolicy": "permissions are not enforced locally",
    "AWS::SecretsManager::Secret": "its local value is set by COLDFRAME_SIGNING_SECRET",
    "AWS::SNS::Subscription": "it tells people about alarms",
    "AWS::SNS::Topic": "it tells people about alarms",
    "AWS::SNS::TopicPolicy": "permissions are not enforced locally",
    "AWS::SQS::QueuePolicy": "permissions are not enforced locally",
    "AWS::WAFv2::WebACL": "all local requests come from one address",
    "AWS::WAFv2::WebACLAssociation": "all local requests come from one address",
}

SCHEMA_KEYWORDS = frozenset(
    {
        "additionalProperties",
        "allOf",
        "anyOf",
        "enum",
        "items",
        "maxLength",
        "maxProperties",
        "maximum",
        "minLength",
        "minProperties",
        "minimum",
        "not",
        "oneOf",
        "pattern",
        "properties",
        "required",
        "type",
        "uniqueItems",
    }
)
SCHEMA_NOTES = frozenset({"$schema", "description", "example", "title"})
