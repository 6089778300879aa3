"""Every verb of the command line: its name, what it is for, and the file it lives in.

A verb's file has `arguments(parser)`, `run(args, context)`, and a docstring that is its help.
"""

OWN_PROCESS = frozenset(("serve", "demo", "init", "connect", "doctor"))
"""Verbs that need no books, or a process of their own: a running server does not run them."""

VERBS: tuple[tuple[str, str, str], ...] = (
    ("init", "write a first costper.yaml, with comments", "costper.cli.init"),
    ("connect", "write the settings of a source, ready to fill in", "costper.cli.connect"),
    ("check", "check the settings and the books, and say all that is wrong", "costper.cli.check"),
    ("schema", "print the JSON schema of costper.yaml, for editors", "costper.cli.schema"),
    ("doctor", "say what costper finds on this machine", "costper.cli.doctor"),
    ("sync", "pull bills, usage and customers into the books", "costper.cli.sync"),
    ("events", "tell of LLM calls from files", "costper.cli.events"),
    ("deliveries", "what the books hold of each bill, and what changed", "costper.cli.deliveries"),
    ("allocate", "plan, apply or show who carries which cost", "costper.cli.allocate"),
    ("explain", "prove a number by the rows of the bills", "costper.cli.explain"),
    ("customer", "what each customer costs and leaves, worst first", "costper.cli.customer"),
    ("team", "what each team costs", "costper.cli.team"),
    ("service", "what each service costs, and whom it serves", "costper.cli.service"),
    ("environment", "what each environment costs", "costper.cli.environment"),
    ("user", "which users cost most in LLM calls", "costper.cli.user"),
    ("tenant", "what each tenant costs in LLM calls", "costper.cli.tenant"),
    ("feature", "what each feature costs in LLM calls", "costper.cli.feature"),
    ("model", "what each model costs in LLM calls", "costper.cli.model"),
    ("prompt-version", "how prompt versions compare", "costper.cli.prompt_version"),
    ("llm", "what drives the cost of LLM calls, and what is unusual", "costper.cli.llm"),
    ("reconcile", "what LLM calls cost by price, against the bill", "costper.cli.reconcile"),
    ("cost", "what anything costs, by any dimensions", "costper.cli.cost"),
    ("ask", "metrics, costs and revenue by letter, and their formulas", "costper.cli.ask"),
    ("view", "saved questions: save, list, show, ask, delete", "costper.cli.view"),
    ("annotate", "events beside the numbers: deploys, launches", "costper.cli.annotate"),
    ("verdict", "whether a cost per unit scales well or drifts, and why", "costper.cli.verdict"),
    ("margin", "what is left of what customers pay, and what if", "costper.cli.margin"),
    ("concentration", "how few cost how much", "costper.cli.concentration"),
    ("metrics", "what cost can be divided by, and how far it goes", "costper.cli.metrics"),
    ("trend", "how cost moved, day by day", "costper.cli.trend"),
    ("waste", "what runs at night and at weekends, and what would save it", "costper.cli.waste"),
    ("savings", "what could be saved a month, and what says so", "costper.cli.savings"),
    ("anomalies", "days that cost far more or less than expected", "costper.cli.anomalies"),
    ("incidents", "what happened, as incidents, and what it cost", "costper.cli.incidents"),
    ("forecast", "what the days to come will cost, with a band", "costper.cli.forecast"),
    ("unknown", "what LLM calls do not say, and what to do about it", "costper.cli.unknown"),
    ("prices", "what models cost, and what a new price list changes", "costper.cli.prices"),
    ("unpriced", "which LLM calls nobody has a price for", "costper.cli.unpriced"),
    ("reprice", "price past LLM calls again, with a diff", "costper.cli.reprice"),
    ("backfill", "give past LLM calls the customer they belong to now", "costper.cli.backfill"),
    ("demo", "a sample company: set up, answered and served", "costper.cli.demo"),
    ("serve", "serve the answers over HTTP", "costper.cli.serve"),
    ("keys", "make, list and revoke the API's keys", "costper.cli.keys"),
    ("audit", "who did what to the books, and whether the log is whole", "costper.cli.audit"),
)
