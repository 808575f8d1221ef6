"""The black-box suite against real bootstraps behind an emulator of AWS.

    python3 tests/emulator/run.py [--filter WORD ...] [--keep] [--no-build]

Makes itself a Python environment under target/emulator, builds every function as it ships, starts ministack, deploys the
templates that AWS gets, starts the payment sandbox, runs `tests/api` against the API, and ends with `N passed, N failed`.
"""

import argparse
import base64
import contextlib
import hashlib
import io
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
HOME = TARGET / "emulator"
PYTHON = HOME / "venv/bin/python"
REQUIREMENTS = Path(__file__).with_name("requirements.txt")

PREFIX, REGION, ACCOUNT, STAGE = "russet", "us-east-1", "000000000000", "live"
# In the order in which template.yaml puts them together; the edge, dashboards and the network are not under test.
STACKS = ["data", "operations", "catalog", "stock", "cart", "checkout", "orders", "payments", "partners", "flash", "api"]
# What the emulator does not have, and what only watches.
LEFT_OUT = ("AWS::WAFv2::", "AWS::CodeDeploy::", "AWS::CloudWatch::", "AWS::ApplicationAutoScaling::", "AWS::Logs::MetricFilter", "AWS::SNS::", "AWS::SES::")
ROLES = ["support", "warehouse", "finance", "admin"]
FILTERS = ["catalog::", "cart::", "checkout::", "orders::", "partners::"]
# As it ships, the shop calls no partner's endpoint on this machine; evidence is read where it is kept; the emulator takes what is presigned as it comes.
SKIPPED = ["partners::list_deliveries", "partners::replay_delivery", "partners::rotate_webhook_secret", "partners::set_webhook_endpoint", "partners::evidence", "a_browser_stores_an_upload_for"]


def main():
    options = arguments()
    if Path(sys.prefix) != PYTHON.parent.parent:
        prepare()
        os.execv(PYTHON, [str(PYTHON), *sys.argv])
    if options.build:
        build()
    with contextlib.ExitStack() as running:
        port, provider_port = free_port(), free_port()
        endpoint, provider = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{provider_port}"
        start_emulator(running, port, endpoint)
        api_key, webhook_secret = secrets.token_urlsafe(24), "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
        cloud = Cloud(endpoint)
        upload(cloud)
        api = deploy(cloud, provider)
        url = f"{endpoint}/_aws/execute-api/{api}/{STAGE}"
        fill_secrets(cloud, api_key, webhook_secret)
        tokens = staff(cloud)
        start_provider(running, provider_port, api_key, webhook_secret, f"{url}/webhooks/payments")
        promotions(url, tokens)
        catalog(url, tokens)
        say(f"the shop answers at {url}")
        outcome = suite(url, provider, tokens, options.filter or FILTERS)
        if options.keep:
            say("kept running; Ctrl-C ends it")
            say("\n".join(f"export STAFF_TOKEN_{role.upper()}={token}" for role, token in tokens.items()))
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    sys.exit(outcome)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--filter", nargs="*", help=f"parts of test names; {' '.join(FILTERS)} unless said otherwise")
    parser.add_argument("--keep", action="store_true", help="leave everything running after the suite")
    parser.add_argument("--no-build", dest="build", action="store_false", help="take the bootstraps that are there")
    return parser.parse_args()


def say(words):
    print(words, flush=True)


def prepare():
    stamp, wanted = HOME / "installed", REQUIREMENTS.read_text()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("making a Python environment with the emulator …")
    venv.create(HOME / "venv", with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--requirement", REQUIREMENTS], check=True)
    stamp.write_text(wanted)


def operations():
    return sorted(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "Cargo.toml").exists())


def build():
    say("building every function as it ships …")
    packages = [word for operation in operations() for word in ("-p", operation)]
    subprocess.run(["cargo", "build", "--release", "--quiet", *packages, "-p", "bench", "--bins"], cwd=ROOT, check=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(running, name, command, **more):
    """Starts a process in a group of its own, and ends the group when `running` ends."""
    log = open(HOME / f"{name}.log", "w")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True, **more)

    def end():
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    running.callback(end)
    return process


def wait_for(url, what, process):
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=1).read()
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise SystemExit(f"{what} does not answer; its log is in {HOME}")


def start_emulator(running, port, endpoint):
    say("starting the emulator …")
    temporary = HOME / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    environment = dict(os.environ, GATEWAY_PORT=str(port), BIND_HOST="127.0.0.1", AWS_ENDPOINT_URL=endpoint, TMPDIR=str(temporary))
    process = start(running, "ministack", [PYTHON.parent / "ministack"], env=environment, cwd=temporary)
    wait_for(f"{endpoint}/_ministack/health", "The emulator", process)


def start_provider(running, port, api_key, webhook_secret, events_to):
    command = [TARGET / "release/provider", str(port), events_to]
    environment = dict(os.environ, API_KEY=api_key, WEBHOOK_SECRET=webhook_secret)
    process = start(running, "provider", command, env=environment)
    wait_for(f"http://127.0.0.1:{port}/ledger", "The payment sandbox", process)


class Cloud:
    """Clients of the emulator."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def client(self, service):
        import boto3

        return boto3.client(service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


def upload(cloud):
    say("uploading the bootstraps …")
    store = cloud.client("s3")
    store.create_bucket(Bucket="artifacts")
    for operation in operations():
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            entry = zipfile.ZipInfo("bootstrap")
            entry.external_attr = 0o755 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, (TARGET / "release" / operation).read_bytes())
        store.put_object(Bucket="artifacts", Key=f"target/lambda/{operation}/bootstrap.zip", Body=packed.getvalue())


def deploy(cloud, provider):
    """All stacks, as template.yaml puts them together. The id of the API."""
    paths = [f"infra/{stack}.yaml" for stack in STACKS]
    region = dict(os.environ, AWS_DEFAULT_REGION=REGION)
    expanded = subprocess.run([PYTHON, ROOT / "tests/contract/translate.py", *paths], cwd=ROOT, env=region, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    templates = json.loads(expanded.stdout)
    formation = cloud.client("cloudformation")
    known = {"Prefix": PREFIX, "Stage": "dev", "Version": "emulator", "PublicUrl": "http://127.0.0.1", "PaymentProviderUrl": provider,
             "MailFrom": "Russet <orders@russet.shop>", "MailDomain": "russet.shop", "SubnetOne": "", "SubnetTwo": "", "FunctionGroup": ""}
    left_out = set()
    for stack, path in zip(STACKS, paths):
        template = templates[path]
        left_out |= reduce(template)
        parameters = [{"ParameterKey": name, "ParameterValue": known[name]} for name in template["Parameters"] if name in known]
        say(f"deploying {stack} ({len(template['Resources'])} resources) …")
        # From a bucket: the template of the API is longer than a call may be.
        cloud.client("s3").put_object(Bucket="artifacts", Key=f"{stack}.json", Body=json.dumps(template).encode())
        where = f"{cloud.endpoint}/artifacts/{stack}.json"
        formation.create_stack(StackName=f"{PREFIX}-{stack}", TemplateURL=where, Parameters=parameters, Capabilities=["CAPABILITY_NAMED_IAM"])
        known |= outputs(formation, f"{PREFIX}-{stack}")
    say("left out: " + ", ".join(sorted(left_out)))
    apis = cloud.client("apigateway").get_rest_apis()["items"]
    return next(api["id"] for api in apis if api["name"] == f"{PREFIX}-api")


def reduce(template):
    """Takes out what the emulator does not have, and whatever points at it. The types that went."""
    resources = template["Resources"]
    gone = {name for name, resource in resources.items() if resource["Type"].startswith(LEFT_OUT)}
    types = {resources.pop(name)["Type"] for name in gone}
    for name in [name for name, resource in resources.items() if points_at(resource.get("Properties", {}), gone)]:
        types.add(resources.pop(name)["Type"])
    for resource in resources.values():
        resource.pop("UpdatePolicy", None)
        after = resource.get("DependsOn", [])
        after = [after] if isinstance(after, str) else after
        resource["DependsOn"] = [name for name in after if name in resources]
    return types


def points_at(node, names):
    if isinstance(node, dict):
        target = node.get("Ref") or node.get("Fn::GetAtt")
        target = target[0] if isinstance(target, list) else str(target or "").split(".")[0]
        return target in names or any(points_at(value, names) for value in node.values())
    return isinstance(node, list) and any(points_at(value, names) for value in node)


def outputs(formation, stack):
    for _ in range(600):
        seen = formation.describe_stacks(StackName=stack)["Stacks"][0]
        if seen["StackStatus"] == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in seen.get("Outputs", [])}
        if not seen["StackStatus"].endswith("IN_PROGRESS"):
            events = formation.describe_stack_events(StackName=stack)["StackEvents"]
            failed = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in events if "FAILED" in event["ResourceStatus"]]
            raise SystemExit(f"{stack} is {seen['StackStatus']}: {'; '.join(failed)}")
        time.sleep(0.1)
    raise SystemExit(f"{stack} is not made within a minute")


def fill_secrets(cloud, api_key, webhook_secret):
    """What an operator does after the first deployment."""
    vault = cloud.client("secretsmanager")
    signing = {"current": base64.b64encode(secrets.token_bytes(32)).decode(), "previous": None}
    vault.put_secret_value(SecretId=f"{PREFIX}/signing", SecretString=json.dumps(signing))
    payments = {"api_key": api_key, "webhook_secret": webhook_secret}
    vault.put_secret_value(SecretId=f"{PREFIX}/payments", SecretString=json.dumps(payments))


def staff(cloud):
    """A token of each role; the table keeps the digests."""
    store = cloud.client("dynamodb")
    tokens = {role: f"rst_{role}_{secrets.token_hex(24)}" for role in ROLES}
    for role, token in tokens.items():
        digest = hashlib.sha256(token.encode()).hexdigest()
        item = {"pk": {"S": f"STAFF#{digest}"}, "schema": {"N": "1"}, "id": {"S": f"emulator-{role}"}, "role": {"S": role}, "hash": {"S": digest}}
        store.put_item(TableName=f"{PREFIX}-accounts", Item=item)
    return tokens


def promotions(url, tokens):
    """The coupons of the demo."""
    made = [
        {"code": "WELCOME10", "label": "10 % off your order", "kind": "percentage", "percent": 10},
        {"code": "FREESHIP", "label": "Free delivery", "kind": "free_shipping"},
        {"code": "LIMITED5", "label": "5.00 off for the first fifty", "kind": "fixed", "amount": {"amount": 500, "currency": "USD"}, "limit": 50},
    ]
    for promotion in made:
        post(f"{url}/admin/promotions", tokens["finance"], promotion["code"], promotion)


def catalog(url, tokens):
    """The products of the demo, without stock: the suite makes what it sells itself. Ends when the listing shows them."""
    say("making the products of the demo …")
    products = json.loads((ROOT / "demo/catalog.json").read_text())["products"]
    for product in products:
        variants = [without(variant, "stock") for variant in product["variants"]]
        post(f"{url}/api/products", tokens["admin"], product["id"], without(product, "picture", "featured") | {"variants": variants})
    for _ in range(300):
        if json.load(urllib.request.urlopen(f"{url}/api/products", timeout=30))["total"] >= len(products):
            return
        time.sleep(0.2)
    raise SystemExit("the listing does not show the products of the demo within a minute")


def without(members, *names):
    return {name: value for name, value in members.items() if name not in names}


def post(address, token, key, body):
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}", "idempotency-key": key}
    try:
        urllib.request.urlopen(urllib.request.Request(address, json.dumps(body).encode(), headers), timeout=30).read()
    except urllib.error.HTTPError as refusal:
        raise SystemExit(f"{address} is refused with {refusal.code}: {refusal.read().decode()}") from refusal


def suite(url, provider, tokens, filters):
    """Runs the suite; 0 when it passed."""
    environment = dict(os.environ, BASE_URL=url, PROVIDER_URL=provider, WITHOUT_EDGE="1", **{f"STAFF_TOKEN_{role.upper()}": token for role, token in tokens.items()})
    command = ["cargo", "test", "--quiet", "--workspace", "--test", "operations", "--", "--test-threads", "4", *filters, *(word for name in SKIPPED for word in ("--skip", name))]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    passed = failed = 0
    for line in process.stdout:
        print(line, end="", flush=True)
        if counts := re.search(r"test result: .* (\d+) passed; (\d+) failed", line):
            passed, failed = passed + int(counts[1]), failed + int(counts[2])
    process.wait()
    say(f"{passed} passed, {failed} failed")
    return 0 if process.returncode == 0 and passed else 1


if __name__ == "__main__":
    main()
