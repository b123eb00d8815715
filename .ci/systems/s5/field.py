#!/usr/bin/env python3
"""What the recorder asks of `jq -r`, where that is not installed: `.a.b`, `.[].a` and `.${p}_ptr` of a file or of standard input."""
import json
import sys


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "-r"]
    with open(arguments[1], encoding="utf-8") if len(arguments) > 1 else sys.stdin as source:
        values = [json.load(source)]
    for step in arguments[0].lstrip(".").split("."):
        values = [item for value in values for item in value] if step == "[]" else [value.get(step) for value in values]
    for value in values:
        print("null" if value is None else value if isinstance(value, str) else json.dumps(value))


if __name__ == "__main__":
    main()
