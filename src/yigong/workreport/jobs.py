"""Building an edition in the background."""

# texts: data (titles of jobs are kept as they were said then)

from uuid import UUID

from yigong.core.jobs.api import JobData, actor_of, job_kind, progress
from yigong.workreport.commands.making import JOB, build_edition


@job_kind(JOB)
def build(job: JobData, *, edition_id: str) -> None:
    """Bears a repetition: an edition that is built already stays as it is."""
    build_edition(
        edition_id=UUID(edition_id),
        actor=actor_of(job.id),
        tell=lambda done, total, note: progress(job.id, done, total, note),
    )
