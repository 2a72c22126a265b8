"""Is a new version of a function fit for traffic? CodeDeploy asks before it sends any."""
