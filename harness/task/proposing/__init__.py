"""Looks at somebody's rows and proposes a task: what is asked, what is answered, how it is scored."""
