"""Every limit, size and time of the runtime, each with its unit in its name."""

TEXT_MAX_CHARS = 1_000  # where the model's manifest says nothing else (input.maxLength)
TEXTS_MAX_COUNT = 1_000
SCORED_CHARS_MAX_COUNT = 500_000  # of the texts that are scored at once: each takes some 50 bytes meanwhile
EXPANSION_MAX = 4  # letters that one character may stand for once normalised; a few stand for 18
LONG_TEXT_MAX_CHARS = 10_000
EXPLAINED_TEXTS_MAX_COUNT = 10  # of a request: each is scored again without each of its parts
EXPLAINED_PARTS_MAX_COUNT = 30  # of a text; longer ones are taken in parts of several words
EXPLAINED_PARTS_SHOWN_COUNT = 10
ENCODER_TOKENS_MAX_COUNT = 256  # of a text; what follows is not read. As the model's authors have it
ONNX_MEMORY_MAX_BYTES = 800_000_000  # of all graphs that are open together
ENCODER_STEPS_PER_ONE = 4096  # the embeddings' numbers are whole multiples of 1/4096
NEAREST_PROBLEMS_COUNT = 16  # whose phrasings are compared with a ticket, of all that are known
SIMILAR_PROBLEMS_COUNT = 5  # told of
TICKETS_MAX_COUNT = 100  # of a request
TICKETS_BLOCK_BYTES = 8 * 1024  # as BATCH_BLOCK_BYTES: 0.3 s of work in INT8, 0.6 s in float
TICKETS_UPLOAD_ROWS_MAX_COUNT = 150  # of a form's file. Of 10,000 characters they take 7 to 8 s in INT8
FEATURES_MAX_COUNT = 1_000  # of a row of numbers
FEATURE_ROWS_MAX_COUNT = 1_000  # of a request
FEATURE_MAX = 3.4028234663852886e38  # the largest float32
FEATURE_NAME_MAX_CHARS = 100
FEATURE_GRAPH_MAX_BYTES = 50_000_000  # of a model of features: some 5,000 trees of 100 leaves, three labels
FEATURE_SCORES_SUM_TOLERANCE = 1e-4  # how far from 1 a row's probabilities may sum: they are float32
VCPU_MB = 1_769  # of a function's memory, which buy one whole vCPU
PROBLEM_ERRORS_MAX_COUNT = 20
POINTER_MAX_CHARS = 200
RETRY_AFTER_SECONDS = 5
OPENAPI_CACHE_SECONDS = 300
TLS_ONLY_SECONDS = 31_536_000  # a year, as RFC 6797 has it in its examples
SIGNATURE_WINDOW_SECONDS = 300  # before and after the server's time

MANIFEST_MAX_BYTES = 1_000_000
MODEL_SIGNATURE_MAX_BYTES = 1_000  # of its document, which takes 200
ALIASES_MAX_BYTES = 1_000_000
FILES_MAX_COUNT = 16  # of a version
FILES_FETCHED_MAX_COUNT = 4  # at once
FILE_MAX_BYTES = 200_000_000
ARRAY_MAX_BYTES = 64_000_000  # of one array, once loaded

ALIAS_REFRESH_SECONDS = 30.0
ALIAS_HISTORY_MAX_COUNT = 100  # changes that stay in the alias document when older ones move out
ALIAS_LINE_MAX_COUNT = 10  # champions of an environment that can be gone back to without the history
CLOCKS_DIFFER_MAX_SECONDS = 300  # of two who change what is live
ALIAS_HISTORY_STEP_COUNT = 25  # which they do by so many at once
CHANGE_MAX_BYTES = 20_000  # of one change of an alias, as a document of its own
CHANGE_RETRY_SECONDS = 0.2  # at most waited when another writer was faster, doubled with every further time
CHANGE_RETRY_MAX_SECONDS = 4.0
HISTORY_READERS_MAX_COUNT = 8  # of documents at once
LOAD_WAIT_SECONDS = 8.0  # below the REST API's 29 s and Lambda's 10 s of INIT
LOAD_RETRY_SECONDS = 1.0
REFRESH_WAIT_SECONDS = 2.0  # once a refresh; what an absent store adds to one call in every interval
LOAD_CANDIDATES_MAX_COUNT = 4  # the live version and those that were live before it
LOAD_EVENTS_MAX_COUNT = 16

LATENCY_BOUNDS_MS = (5, 25, 100, 500)  # of a histogram's buckets; the fifth has no upper one
METRICS_MAX_COUNT = 40  # of a model: $0.30 each a month
METRIC_LABELS_MAX_COUNT = 20  # counted by name; the labels after them are counted together
METRIC_NAME_MAX_CHARS = 255  # CloudWatch's own
METRICS_CACHE_SECONDS = 60.0
METRICS_STALE_SECONDS = 600.0  # how old the figures may be that are shown when CloudWatch does not answer
METRICS_CONNECT_SECONDS = 1.0
METRICS_READ_SECONDS = 4.0
METRICS_ATTEMPTS_MAX_COUNT = 2
METRIC_QUERIES_MAX_COUNT = 500  # of one GetMetricData call

GUARDIAN_STEPS_PERCENT = (5, 25, 50, 100)  # a challenger's shares of the traffic, one after the other
GUARDIAN_CHAMPION_WATCH_SECONDS = 86_400  # for which a new champion is watched
SHADOW_MODELS_MAX_COUNT = 2  # held open in one environment
SHADOW_INPUTS_MAX_COUNT = 20  # of a model that are compared in one event: a second of work for tickets
SHADOW_RESERVE_SECONDS = 15.0  # of a run, in which no other version is opened and no other input scored

S3_CONNECT_SECONDS = 2.0
S3_REQUEST_SECONDS = 5.0
S3_RETRIES_MAX_COUNT = 2

CREDENTIALS_MARGIN_SECONDS = 300  # before they expire, within which new ones are fetched
CREDENTIALS_SECONDS = 1.0  # of one request, on the same machine
CREDENTIALS_ATTEMPTS_MAX_COUNT = 2
CREDENTIALS_MAX_BYTES = 100_000

ROLLOUT_INVOKE_SECONDS = 30.0  # of one invocation: longer than any function behind the API may take
ROLLOUT_CODEDEPLOY_SECONDS = 5.0
ROLLOUT_CONNECT_SECONDS = 2.0
ROLLOUT_ATTEMPTS_MAX_COUNT = 2
ROLLOUT_RESERVE_SECONDS = 90.0  # of the hook's time: one invocation and the report, with all their attempts

BATCH_STEM_MAX_BYTES = 980  # of a key's 1,024: the rest is for what is put around it
BATCH_READ_BYTES = 8 * 1024 * 1024  # of one ranged GET
BATCH_SAMPLE_BYTES = 2 * 1024 * 1024  # that encoding and header are told from
BATCH_BLOCK_BYTES = 512 * 1024  # read, scored and written in one step: its rows stay in a core's own cache
BATCH_LINE_MIN_BYTES = 32  # a block of shorter lines is cut short: a row takes some 500 bytes of memory
BATCH_RECORD_MAX_BYTES = 16 * 1024 * 1024  # of one row, which a quotation mark that stays open makes long
BATCH_SEARCH_MAX_CHARS = 1_000_000_000  # looked through in vain for closing quotation marks, in one file
BATCH_CELLS_MAX_COUNT = 16_384  # of a rejected row, as in a spreadsheet; wider ones are written as one cell
BATCH_PART_MIN_BYTES = 8 * 1024 * 1024  # of an upload's first thousand parts; S3 asks for 5 MiB
BATCH_HEADER_MAX_LINES = 1_000  # with the blank ones before it
BATCH_COLUMNS_SHOWN_COUNT = 50  # in a report
BATCH_COLUMN_SHOWN_CHARS = 100
GZIP_FREE_BYTES = 64 * 1024 * 1024  # unpacked, before the ratio is looked at
GZIP_RATIO_MAX = 100  # real tables reach 20 to 50; a bomb has a thousand

RESPONSE_MAX_BYTES = 6_291_556  # of a Lambda function's answer as JSON
RESPONSE_HEADERS_BYTES = 8_192  # of it, kept for what is around the body
UPLOAD_MAX_BYTES = 4_000_000  # of a file in a form, unpacked; in base64 the form must fit into Lambda's 6 MB
UPLOAD_LINES_MAX_COUNT = 100_000  # each takes its time also when it is empty, and its answer some 60 bytes
UPLOAD_SEARCH_MAX_CHARS = 20_000_000  # as BATCH_SEARCH_MAX_CHARS: a second of work
UPLOAD_COLUMN_MAX_CHARS = 1_000
UPLOAD_NAME_MAX_CHARS = 100  # of the file's name that the answer's is made from
UPLOAD_REJECTS_SHOWN_COUNT = 5

BATCH_JOB_MAX_BYTES = 256 * 1024 * 1024  # two parts that wait for more text, as JSON
BATCH_REPORT_MAX_BYTES = 1_000_000
BATCH_PROGRESS_SECONDS = 1.0
BATCH_RESERVE_SECONDS = 1.0  # kept for saving a run's place, at the least
BATCH_RESERVE_SHARE = 0.05  # of the run's time
BATCH_RETRY_SECONDS = 15  # after a failure, doubled with every further one
BATCH_MODELS_MAX_COUNT = 2  # held open in one environment
BATCH_CONNECT_SECONDS = 3.0  # of a call to S3 or SQS
BATCH_READ_SECONDS = 12.0
BATCH_ATTEMPTS_MAX_COUNT = 3

INFERENCE_MODELS_MAX_COUNT = (
    4  # held open in one environment, each with its challenger: 95 MB for tickets in INT8
)
INFERENCE_VERSIONS_MAX_COUNT = 2  # held open beside those, asked for by version
INFERENCE_TENSORS_MAX_COUNT = 64  # of a request, in and out
TENSOR_DIMENSIONS_MAX_COUNT = 8
INFERENCE_CELLS_MAX_COUNT = 200_000  # of an answer, each of some 25 bytes: RESPONSE_MAX_BYTES holds them

BATCHES_UPLOAD_MAX_BYTES = 5 * 1024**3  # S3's own for one POST
BATCHES_UPLOAD_SECONDS = 3_600  # for which a form of an upload holds
BATCHES_DOWNLOAD_SECONDS = 3_600  # for which a link to a result holds
BATCHES_FILE_NAME_MAX_CHARS = 220
BATCHES_STEM_MAX_BYTES = 220  # of a file system's 255: what comes back is named after the file
BATCHES_COLUMN_MAX_CHARS = 160  # of metadata's 2 KB: percent-encoded, a character takes up to twelve bytes
BATCHES_MARKER_MAX_BYTES = 10_000
BATCHES_PAGE_MAX_COUNT = 20  # jobs in one list; each is four small reads
BATCHES_READERS_MAX_COUNT = 8  # of them at once
BATCHES_OBJECTS_MAX_COUNT = 1_000  # looked through for a report whose file is gone; S3's own for one page
BATCHES_CONNECT_SECONDS = 1.0  # of a call to S3: twice both is below the function's timeout
BATCHES_READ_SECONDS = 4.0
BATCHES_ATTEMPTS_MAX_COUNT = 2

CATALOG_READERS_MAX_COUNT = 8  # of objects at once
CATALOG_OBJECTS_MAX_COUNT = 50_000  # of a listing: fifty pages of S3's, some 10,000 versions
PROBE_SECONDS = 12.0  # for a version to load and answer in a process of its own
PROBE_MEMORY_MAX_BYTES = 1_200_000_000  # of that process (RLIMIT_DATA); with tickets it takes 350 MB
PROBE_ANSWER_MAX_BYTES = 10_000
PROBE_PROBLEM_MAX_CHARS = 1_000
PROBE_KEPT_SECONDS = 5.0  # before the same version is tried again
PROBES_KEPT_MAX_COUNT = 100
