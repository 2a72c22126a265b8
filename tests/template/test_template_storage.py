"""What holds for every bucket, queue and log group."""

from tests.template.expansion import Json, resources


def denies_plain_http(policy: Json, actions: str, targets: object) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Action"] == actions
        and statement["Resource"] == targets
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy["PolicyDocument"]["Statement"]
    )


def test_buckets_are_versioned_encrypted_and_kept(template: Json) -> None:
    buckets = resources(template, "AWS::S3::Bucket")
    assert "ModelBucket" in buckets
    for name, bucket in buckets.items():
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
        assert template["Resources"][name]["DeletionPolicy"] == "Retain"
        assert template["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_buckets_are_closed_to_the_public(template: Json) -> None:
    for bucket in resources(template, "AWS::S3::Bucket").values():
        assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        blocked = bucket["PublicAccessBlockConfiguration"]
        assert blocked == dict.fromkeys(
            ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True
        )


def test_buckets_do_not_fill_up_with_what_nobody_reads(template: Json) -> None:
    for bucket in resources(template, "AWS::S3::Bucket").values():
        rules = bucket["LifecycleConfiguration"]["Rules"]
        assert all(rule["Status"] == "Enabled" for rule in rules)
        assert any("NoncurrentVersionExpiration" in rule for rule in rules)
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)


def test_buckets_are_reached_by_tls_only(template: Json) -> None:
    policies = {p["Bucket"]["Ref"]: p for p in resources(template, "AWS::S3::BucketPolicy").values()}
    for name in resources(template, "AWS::S3::Bucket"):
        targets = [{"Fn::GetAtt": [name, "Arn"]}, {"Fn::Sub": f"${{{name}.Arn}}/*"}]
        assert denies_plain_http(policies[name], "s3:*", targets)


def test_queues_are_encrypted_and_reached_by_tls_only(template: Json) -> None:
    policies = resources(template, "AWS::SQS::QueuePolicy").values()
    queues = resources(template, "AWS::SQS::Queue")
    assert queues
    for name, queue in queues.items():
        assert queue["SqsManagedSseEnabled"] is True
        (policy,) = (p for p in policies if {"Ref": name} in p["Queues"])
        assert denies_plain_http(policy, "sqs:*", {"Fn::GetAtt": [name, "Arn"]})


def test_dead_letters_wait_as_long_as_sqs_keeps_anything(template: Json) -> None:
    functions = resources(template, "AWS::Lambda::Function").values()
    queues = resources(template, "AWS::SQS::Queue")
    of_functions = [f["DeadLetterConfig"]["TargetArn"] for f in functions if "DeadLetterConfig" in f]
    of_queues = [q["RedrivePolicy"]["deadLetterTargetArn"] for q in queues.values() if "RedrivePolicy" in q]
    assert of_functions
    assert of_queues
    for target in of_functions + of_queues:
        assert queues[target["Fn::GetAtt"][0]]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_every_log_group_forgets(template: Json) -> None:
    groups = resources(template, "AWS::Logs::LogGroup")
    assert "ApiLogGroup" in groups
    assert all(group["RetentionInDays"] == {"Ref": "LogRetentionDays"} for group in groups.values())
