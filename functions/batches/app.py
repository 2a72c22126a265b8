"""CSV files of any size, scored over HTTP: a job gives an upload form, then its state, then links."""

from coldframe import cold_start

cold_start.import_fastapi()

from typing import Annotated  # noqa: E402

from fastapi import HTTPException, Query, Request, Response  # noqa: E402

from coldframe import limits  # noqa: E402
from coldframe.batches.answers import JobDetails, Jobs, NewJob  # noqa: E402
from coldframe.batches.jobs import Batches  # noqa: E402
from coldframe.batches.marker import ID, owner_of  # noqa: E402
from coldframe.batches.request import BatchRequest  # noqa: E402
from coldframe.problems import documented, documented_service  # noqa: E402
from coldframe.service import STAGE, create_bare_app, create_handler  # noqa: E402

REFUSALS = documented((403, 413, 415, 422, 429)) | documented_service()
app = create_bare_app("Batch jobs", "batches")
batches = Batches.from_environment()


def owner(request: Request) -> str:
    """Return whose jobs this request is about: those of its API key, by the key's id."""
    key_id = request.scope["aws.event"]["requestContext"]["identity"].get("apiKeyId")
    if not key_id:
        raise HTTPException(403, "Jobs belong to API keys: send yours in the header x-api-key.")
    return owner_of(key_id)


@app.post("/batches", status_code=201, response_model=NewJob, responses=REFUSALS | documented((404,)))
async def create(request: Request, wanted: BatchRequest, response: Response) -> NewJob:
    """Make a job. Send the file by its upload form, then ask for the job until it is done."""
    job = batches.create(owner(request), wanted)
    response.headers["Location"] = f"{STAGE}/batches/{job.id}"
    return job


@app.get("/batches", response_model=Jobs, responses=REFUSALS)
async def jobs(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=limits.BATCHES_PAGE_MAX_COUNT)] = limits.BATCHES_PAGE_MAX_COUNT,
    after: Annotated[str | None, Query(alias="next", pattern=f"^{ID.pattern}$")] = None,
) -> Jobs:
    """List the key's jobs, the newest first; `next` is what the page before gave."""
    return batches.page(owner(request), limit, after)


@app.get("/batches/{job_id}", response_model=JobDetails, responses=REFUSALS | documented((404,)))
async def job(request: Request, job_id: str) -> JobDetails:
    """Say where a job stands, and once it is done, where its results are to be had."""
    found = batches.find(owner(request), job_id)
    if found is None:
        raise HTTPException(404, "No job of this API key has that id: GET /v1/batches lists them.")
    return found


handler = create_handler(app)
