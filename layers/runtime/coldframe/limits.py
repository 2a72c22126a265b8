"""Every limit, size and time of the runtime, each with its unit in its name."""

TEXT_MAX_CHARS = 1_000
TEXTS_MAX_COUNT = 1_000
PROBLEM_ERRORS_MAX_COUNT = 20
POINTER_MAX_CHARS = 200
RETRY_AFTER_SECONDS = 5

MANIFEST_MAX_BYTES = 1_000_000
ALIASES_MAX_BYTES = 1_000_000
FILES_MAX_COUNT = 16  # of a version
FILE_MAX_BYTES = 200_000_000
ARRAY_MAX_BYTES = 64_000_000  # of one array, once loaded

ALIAS_REFRESH_SECONDS = 30.0
ALIAS_HISTORY_MAX_COUNT = 100
LOAD_WAIT_SECONDS = 8.0  # below the REST API's 29 s and Lambda's 10 s of INIT
LOAD_RETRY_SECONDS = 1.0
REFRESH_WAIT_SECONDS = 2.0  # once a refresh; what an absent store adds to one call in every interval
LOAD_CANDIDATES_MAX_COUNT = 4  # the live version and those that were live before it
LOAD_EVENTS_MAX_COUNT = 16

S3_CONNECT_SECONDS = 2.0
S3_REQUEST_SECONDS = 5.0
S3_RETRIES_MAX_COUNT = 2

BATCH_STEM_MAX_BYTES = 980  # of a key's 1,024: the rest is for what is put around it
