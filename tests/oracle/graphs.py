"""Compares the graphs that dagfix reads with the DAGs that Airflow made of the same files."""

from __future__ import annotations

import os


def static_graphs(report: dict) -> dict[str, list[dict]]:
    """File -> its DAGs, out of `dagfix graph --format json`."""
    return {os.path.normpath(file["path"]): file["dags"] for file in report["files"]}


def is_certain(dag: dict) -> bool:
    """Whether the graph says that it knows everything."""
    tasks, edges = dag["tasks"], dag["edges"]
    return not (
        dag["id"] is None
        or dag["may"]
        or dag["gaps"]
        or any(t["id"] is None or t["may"] or t["many"] for t in tasks)
        or any(e["may"] for e in edges)
    )


def contradictions(dag: dict, real: dict) -> list[str]:
    """What the graph says for certain and Airflow does not see, and the other way round."""
    ids = [t["id"] for t in dag["tasks"]]
    sure = {t["id"] for t in dag["tasks"] if t["id"] is not None and not t["may"] and not t["many"]}
    edges = {(ids[e["from"]], ids[e["to"]]) for e in dag["edges"] if not e["may"]}
    known_edges = {(a, b) for a, b in edges if a is not None and b is not None}
    out = [f"task {t} does not exist" for t in sorted(sure - real["tasks"].keys())]
    real_edges = {tuple(e) for e in real["edges"]}
    out += [f"edge {a} >> {b} does not exist" for a, b in sorted(known_edges - real_edges)]
    if is_certain(dag):
        out += [f"task {t} is missing" for t in sorted(real["tasks"].keys() - sure)]
        out += [f"edge {a} >> {b} is missing" for a, b in sorted(real_edges - known_edges)]
        if len(ids) != len(set(ids)):
            out.append("a task id is there twice")
    elif not dag["gaps"] and not any(t["id"] is None or t["many"] for t in dag["tasks"]):
        out += [f"task {t} is missing" for t in sorted(real["tasks"].keys() - set(ids))]
    return out


def compare(seen: dict[str, dict], graphs: dict[str, list[dict]]) -> tuple[dict[str, int], list[str]]:
    """Counts of DAGs (equal, unknown, different), and a line for each one that is not equal."""
    counts = {"equal": 0, "unknown": 0, "different": 0}
    notes = []

    def note(verdict: str, name: str, text: str) -> None:
        counts[verdict] += 1
        notes.append(f"{verdict:9} {name}: {text}")

    for name, entry in sorted(seen.items()):
        if "error" in entry:
            continue
        found = [d for d in graphs.get(name, []) if d["seen"]]
        has_unknown = any(d["id"] is None or d["may"] for d in found)
        by_id = {d["id"]: d for d in found}
        for dag_id, real in sorted(entry["dags"].items()):
            dag = by_id.get(dag_id)
            if dag is None:
                note("unknown" if has_unknown else "different", name, f"DAG {dag_id} is not in the graph")
                continue
            wrong = contradictions(dag, real)
            if wrong:
                note("different", name, f"DAG {dag_id}: {'; '.join(wrong[:6])}")
            elif not is_certain(dag):
                gaps = "; ".join(g["reason"] for g in dag["gaps"])
                note("unknown", name, f"DAG {dag_id}{': ' if gaps else ''}{gaps}")
            else:
                counts["equal"] += 1
        for dag_id in sorted(k for k in by_id if k is not None and k not in entry["dags"]):
            note("unknown" if by_id[dag_id]["may"] else "different", name, f"DAG {dag_id} does not exist")
    return counts, notes
