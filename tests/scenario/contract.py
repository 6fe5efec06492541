"""api/openapi.yaml as the tests see it: operations, answers, and values held against schemas.

The document leaves objects open, because members may be added to answers one day.  What
wardd says today is known, so answers are held against closed ones.
"""
import copy

import jsonschema
import yaml

METHODS = ("get", "put", "post", "delete", "patch", "options", "head", "trace")


class Contract:
    def __init__(self, text):
        self.document = yaml.safe_load(text)
        self.closed = close(copy.deepcopy(self.document["components"]))

    def operations(self):
        """(METHOD, path, operation) of each."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def follow(self, node):
        """What a reference refers to; any other node as it is."""
        while isinstance(node, dict) and "$ref" in node:
            place = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                place = place[step]
            node = place
        return node

    def parameters(self, path, operation):
        item = self.document["paths"][path]
        return [self.follow(p) for p in item.get("parameters", []) + operation.get("parameters", [])]

    def answer(self, operation, status):
        """The described answer with this status; None when it is not described."""
        return self.follow(operation["responses"].get(str(status)))

    def problems(self, schema, value, closed):
        """What is wrong with a value, as sentences."""
        components = self.closed if closed else self.document["components"]
        schema = {**(close(copy.deepcopy(schema)) if closed else schema), "components": components}
        validator = jsonschema.Draft202012Validator(
            schema, format_checker=jsonschema.FormatChecker())
        return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


def close(node):
    """Objects that say which members they have get no others; changes what it is given."""
    if isinstance(node, dict):
        for value in node.values():
            close(value)
        if node.get("type") == "object" and isinstance(node.get("properties"), dict):
            node.setdefault("additionalProperties", False)
    elif isinstance(node, list):
        for value in node:
            close(value)
    return node
