"""Expands the SAM templates named on the command line, and prints {path: plain CloudFormation} as JSON."""

import json
import sys
from pathlib import Path

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.sdk.resource import SamResourceType
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class ManagedPolicies:
    """The translator asks for AWS's managed policies by name; none of ours is one."""

    def load(self):
        return {}


def code_as_if_uploaded(template):
    """The translator wants code in a bucket; packaging puts it there."""
    for resource in template.get("Resources", {}).values():
        if resource.get("Type") == SamResourceType.Function.value:
            resource["Properties"]["CodeUri"] = "s3://artifacts/" + resource["Properties"]["CodeUri"].lstrip("./")


def expand(path):
    template = yaml_parse(Path(path).read_text(encoding="utf-8"))
    if "Transform" not in template:
        return template
    code_as_if_uploaded(template)
    try:
        return transform(template, {}, ManagedPolicies())
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise SystemExit(f"{path}: {error.message}: {causes}") from error


json.dump({path: expand(path) for path in sys.argv[1:]}, sys.stdout, default=str)
