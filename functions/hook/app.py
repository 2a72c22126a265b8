"""CodeDeploy asks here whether a new version of a function may have traffic."""

from coldframe.rollout.hook import Hook
from coldframe.telemetry import logger

handler = logger.inject_lambda_context(Hook.from_environment().handle)
