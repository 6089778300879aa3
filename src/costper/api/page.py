"""The one page at `/`: how the books stand, and where the answers are."""

from __future__ import annotations

from html import escape

from costper.api.endpoints import ENDPOINTS
from costper.pipeline.answer.frame import Frame, Standing

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}h1{font-size:1.4rem}dt{font-weight:600;margin-top:.6rem}"
    "dd{margin:0}.bad{color:#a40000}code{font-size:.95em}a{color:#0b57d0}"
    "@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#161616}"
    ".bad{color:#ff8a80}a{color:#8ab4f8}}"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def page(organisation: str, standing: Standing, frame: Frame) -> str:
    """Write the page; every word from the books is escaped."""
    balanced = "yes: every cent that came in is allocated or named as unallocated"
    broken = '<span class="bad">no; run <code>costper check</code></span>'
    settled = frame.settled_through
    facts = [
        ("Books balance", balanced if standing.balanced else broken),
        ("Last change", escape(standing.as_of) or "never: run <code>costper sync</code>"),
        ("Settled through", settled.isoformat() if settled else "no day yet"),
        ("Allocated, last 30 settled days", _percent(frame)),
    ]
    issues = "".join(
        f'<li class="{"bad" if issue.severity == "error" else ""}">{escape(issue.text())}</li>'
        for issue in (*standing.issues, *frame.issues)
    )
    answers = "".join(_link(one.path, one.summary) for one in ENDPOINTS if "{" not in one.path)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>costper · {escape(organisation)}</title><style>{STYLE}</style></head><body>"
        f"<h1>costper · {escape(organisation)}</h1><dl>"
        + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
        + f"</dl>{f'<h2>Issues</h2><ul>{issues}</ul>' if issues else ''}"
        f"<h2>Answers</h2><ul>{answers}{_link('/openapi.json', 'The whole API, described.')}</ul>"
        "</body></html>"
    )


def _percent(frame: Frame) -> str:
    return "—" if frame.coverage is None else f"{frame.coverage * 100:.1f} %"


def _link(path: str, summary: str) -> str:
    return f'<li><a href="{path}"><code>{path}</code></a> {escape(summary)}</li>'
