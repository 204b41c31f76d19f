"""Validates JSON documents: check_schema.py SCHEMA DOCUMENT...

Its own file because every recording's outputs go through it. Members that the schema does not
describe are failures, as are descriptions that are missing.
"""
import json
import sys

import jsonschema


def described(schema, path="$"):
    """Every member of every object has a description or refers to what has one."""
    if isinstance(schema, dict):
        for name, member in schema.get("properties", {}).items():
            if not {"description", "$ref", "const"} & member.keys():
                yield f"{path}.{name}"
        for key, value in schema.items():
            yield from described(value, f"{path}.{key}")
    elif isinstance(schema, list):
        for item in schema:
            yield from described(item, path)


def closed(schema):
    """The schema with no room for members it does not name, for readers would ignore them."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    copy = {key: closed(value) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict):
        copy.setdefault("additionalProperties", False)
    return copy


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    failures = [f"not described: {path}" for path in described(schema)]
    validator = jsonschema.Draft202012Validator(closed(schema))
    for name in sys.argv[2:]:
        with open(name, encoding="utf-8") as file:
            document = json.load(file)
        for error in list(validator.iter_errors(document))[:5]:
            path = "/".join(map(str, error.absolute_path))
            failures.append(f"{name}: {path}: {error.message[:300]}")
    print("\n".join(failures))
    return 1 if failures else 0


sys.exit(main())
