"""The language of formulas over lettered queries: read, checked, typed, evaluated and labelled."""
