"""Compares the exact totals of a profile with what the program counted itself.

    check_allocations.py TRUTH.json PROFILE.json
"""

import json
import sys

FIELDS = ["alloc_count", "alloc_bytes", "free_count", "free_bytes"]


def main():
    truth_path, profile_path = sys.argv[1:]
    with open(truth_path, encoding="utf-8") as file:
        expected = json.load(file)["threads"]
    with open(profile_path, encoding="utf-8") as file:
        processes = json.load(file)["processes"]
    found = {thread["tid"]: thread for process in processes for thread in process["threads"]}
    wrong = 0
    for thread in expected:
        measured = found[thread["tid"]]
        for field in FIELDS:
            if measured["memory"][field] != thread[field]:
                wrong += 1
                print(f"{thread['name']}: {field} is {measured['memory'][field]}, "
                      f"true {thread[field]}")
        if measured["name"] != thread["name"]:
            wrong += 1
            print(f"{thread['name']}: is called {measured['name']}")
    return 1 if wrong or not expected else 0


sys.exit(main())
