"""Kills at every phase of a run, a study and a report; what is left at the end is compared.

Each job runs once undisturbed. Then it is started again and again, killed with SIGKILL in a phase
that is named beforehand, and resumed on another *host*: process, host and mount namespaces of its
own, from which the process that was killed can't be seen. What it ends with has to be what the
undisturbed job ended with, and nothing may be billed twice.
"""
