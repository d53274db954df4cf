"""Engines that judge otherwise than ours, for whatever has to see that."""

from dataclasses import replace

from intake.core.rules import Triage


def forgetful(screen_told):
    """Make an engine that does not see the first finding of a screening."""

    def forgetting(*given):
        found = screen_told(*given)
        left = found.findings[1:]
        triage = Triage.most_serious([one.effect for one in left])
        return replace(found, findings=left, triage=triage)

    return forgetting
