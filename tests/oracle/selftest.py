#!/usr/bin/env python3
"""That the oracle fails when it should: wrong graphs and wrong rewrites, made by hand. Needs no Airflow.

Usage:  selftest.py [DAGFIX]      (the executable is not used)
"""

import copy
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import ast

import graphs
import make_stub
import oracle


def task(name, **more):
    return {"id": name, "may": False, "many": False} | more


def edge(a, b, may=False):
    return {"from": a, "to": b, "may": may}


def graph(tasks, edges, **more):
    return {"id": "d", "seen": True, "may": False, "gaps": [], "tasks": tasks, "edges": edges} | more


def facts(name="Op", **more):
    return {"class": name, "out_dir": "x", "in_dir": None, "batch_name": None, "trigger_rule": "all_success"} | more


REAL = {"tasks": {"a": facts(), "b": facts(), "c": facts()}, "edges": [["a", "b"], ["b", "c"]]}
RIGHT = graph([task("a"), task("b"), task("c")], [edge(0, 1), edge(1, 2)])


def verdict(dag):
    counts, _ = graphs.compare({"x.py": {"dags": {"d": REAL}}}, {"x.py": [dag] if dag else []})
    return next(name for name, count in counts.items() if count)


class Graphs(unittest.TestCase):
    def test_the_same(self):
        self.assertEqual(verdict(RIGHT), "equal")

    def test_what_is_wrong(self):
        lost_edge = graph(RIGHT["tasks"], [edge(0, 1)])
        more_edges = graph(RIGHT["tasks"], [*RIGHT["edges"], edge(0, 2)])
        lost_task = graph(RIGHT["tasks"][:2], [edge(0, 1)])
        other_id = graph([task("a"), task("b"), task("C")], RIGHT["edges"])
        more_tasks = graph([*RIGHT["tasks"], task("e")], RIGHT["edges"])
        twice = graph([*RIGHT["tasks"], task("c")], RIGHT["edges"])
        other_dag = RIGHT | {"id": "e"}
        for dag in (lost_edge, more_edges, lost_task, other_id, more_tasks, twice, other_dag, None):
            self.assertEqual(verdict(dag), "different", dag)

    def test_what_is_not_known(self):
        gap = graph(RIGHT["tasks"][:2], [edge(0, 1)], gaps=[{"reason": "?"}])
        unknown_id = graph([task("a"), task("b"), task(None)], RIGHT["edges"])
        self.assertEqual(verdict(gap), "unknown")
        self.assertEqual(verdict(unknown_id), "unknown")
        # What it does say has to be true all the same.
        wrong = graph([*RIGHT["tasks"], task("e")], RIGHT["edges"], gaps=[{"reason": "?"}])
        self.assertEqual(verdict(wrong), "different")


class Stubs(unittest.TestCase):
    def test_every_version_has_one(self):
        history = make_stub.History.read()
        self.assertGreater(len(history.versions), 20)
        for version in history.versions:
            stub = make_stub.Stub(make_stub.table(history, version))
            stub.build()
            for module, parts in stub.modules.items():
                with self.subTest(version=version, module=module):
                    ast.parse("\n".join(parts))

    def test_what_an_operator_module_has_beside_the_operator(self):
        stub = make_stub.Stub(make_stub.table(make_stub.History.read(), "0.2.6"))
        stub.build()
        text = "".join(stub.modules["kaapana.operators.KaapanaPythonBaseOperator"])
        self.assertIn("def rest_self_udpate(", text)


class Rewrites(unittest.TestCase):
    def check(self, change, expected):
        after = copy.deepcopy({"d": REAL})
        change(after)
        self.assertEqual(oracle.differences({"d": REAL}, after), expected)

    def test_what_differs(self):
        self.check(lambda dags: None, [])
        self.check(lambda dags: dags["d"]["edges"].pop(), ["d: - edge b >> c"])
        self.check(lambda dags: dags["d"]["tasks"].update(e=facts()), ["d: + task e"])
        self.check(lambda dags: dags.clear(), ["DAG d is gone"])
        self.check(
            lambda dags: dags["d"]["tasks"]["a"].update(out_dir="y"), ["d: task a: out_dir 'x' becomes 'y'"]
        )


class Explanations(unittest.TestCase):
    MODULE = ast.parse(
        "from a import Old\nfrom b import Other\nMake = partial(Old, x=1)\none = Make()\ntwo = Other(up=one)\n"
    )

    def explains(self, failed, found):
        return oracle.explains(self.MODULE, failed, {"begin": {"line": found}})

    def test_places(self):
        self.assertTrue(self.explains(5, 5))
        self.assertTrue(self.explains(5, 2), "the import of what is called")
        self.assertTrue(self.explains(4, 1), "the import of what a partial makes")
        self.assertFalse(self.explains(5, 1), "what another task is made of")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
