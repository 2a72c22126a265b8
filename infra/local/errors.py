"""What can keep the local cloud from starting, as one tree.

LocalCloudError
├── SettingRefused      an environment variable has a value that cannot be used
├── TemplateRefused     the template holds something that the local cloud does not do
├── PortInUse           another program listens on a port that is needed
└── StartFailed         a part of the local cloud did not start
"""

from coldframe.errors import ColdframeError


class LocalCloudError(ColdframeError):
    """Base of all errors of the local cloud; each message names the fix."""


class SettingRefused(LocalCloudError):
    """Raise when an environment variable has a value that cannot be used."""


class TemplateRefused(LocalCloudError):
    """Raise when the template holds something that the local cloud does not do."""


class PortInUse(LocalCloudError):
    """Raise when another program listens on a port that is needed."""


class StartFailed(LocalCloudError):
    """Raise when a part of the local cloud did not start."""
