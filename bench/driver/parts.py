"""The parts of a run. Each returns rows of the table."""

import random
import re
import shutil
import statistics
import time

from . import machine, outbox
from .postgres import Cluster
from .programs import run, seconds_to_first_answer
from .report import Comparison, Figure
from .rounds import alternate, cpu_ratio, ratio
from .setting import BUNDLES, DOCUMENTS, REGULATIONS, ROOT

STARTS = 10
UPLOAD_BYTES = 5_000_000
UPLOAD_CONNECTIONS = 4
POSTGRES_ROWS = 100_000
POSTGRES_CLIENTS = 16


def _compare(setting, variants, after=lambda: None):
    options = setting.options
    return alternate(variants, setting.burst, options.rounds, setting.patience, after)


def _comparison(samples, what, name, floor, budget):
    return Comparison(what, name, floor, samples, ratio(samples, name, floor), cpu_ratio(samples, name, floor), budget)


def fetch(setting):
    """A bundle by its identifier."""
    data_dir, db, account = setting.large
    env = setting.sampled_paths(setting.options.rows)
    with setting.product(data_dir, account) as product, setting.floor(db) as floor:
        samples = _compare(
            setting,
            {
                "floor": lambda burst: burst.wrk(floor, "get.lua", env=env),
                "product": lambda burst: burst.wrk(product, "get.lua", env=env),
            },
        )
        memory = machine.resident_mib(product.process.pid)
    yield _comparison(samples, "fetch by SID", "product", "floor", 0.60)
    yield Figure("memory after the fetches", f"{memory:.0f} MiB")


def create(setting):
    """A bundle from a form, into a database that starts empty."""
    data_dir = setting.folder / "create"
    account = setting.account(data_dir)
    form = setting.form()
    with setting.product(data_dir, account) as product, setting.floor(setting.folder / "create.db") as floor:
        samples = _compare(
            setting,
            {
                "floor": lambda burst: burst.wrk(floor, "post.lua", BUNDLES, form),
                "product": lambda burst: burst.wrk(product, "post.lua", BUNDLES, form),
            },
        )
        memory = machine.resident_mib(product.process.pid)
    yield _comparison(samples, "create, on disk", "product", "floor", 0.60)
    yield Figure("memory after the creates", f"{memory:.0f} MiB")


def lists(setting):
    """Pages of 50: the first, and the one behind almost all rows of the account."""
    data_dir, db, account = setting.large
    depth = setting.options.rows - 1000
    with setting.product(data_dir, account) as product, setting.floor(db) as floor:
        first = setting.paths_file("first", [f"{BUNDLES}?PageSize=50"])
        deep = setting.paths_file("deep", [product.deep_path(BUNDLES, depth)])
        floor_deep = setting.paths_file("floor-deep", [floor.deep_path(BUNDLES, depth)])
        samples = _compare(
            setting,
            {
                "floor, first": lambda burst: burst.wrk(floor, "get.lua", env=first),
                "product, first": lambda burst: burst.wrk(product, "get.lua", env=first),
                "floor, deep": lambda burst: burst.wrk(floor, "get.lua", env=floor_deep),
                "product, deep": lambda burst: burst.wrk(product, "get.lua", env=deep),
            },
        )
    yield _comparison(samples, "list of 50, first page", "product, first", "floor, first", 0.70)
    yield _comparison(samples, f"list of 50, {depth} rows deep", "product, deep", "floor, deep", 0.70)
    yield _comparison(samples, "product: deep page over first page", "product, deep", "product, first", 0.90)


def regulations(setting):
    """Pages of 50 regulations, with and without constraints."""
    data_dir = setting.folder / "regulations"
    account = setting.account(data_dir)
    with setting.product(data_dir, account) as product:
        plain = setting.paths_file("plain", [f"{REGULATIONS}?PageSize=50"])
        constrained = setting.paths_file("constrained", [f"{REGULATIONS}?PageSize=50&IncludeConstraints=true"])
        samples = _compare(
            setting,
            {
                "without constraints": lambda burst: burst.wrk(product, "get.lua", env=plain),
                "with constraints": lambda burst: burst.wrk(product, "get.lua", env=constrained),
            },
        )
        product.get(f"{REGULATIONS}?PageSize=1000")
        product.get(f"{REGULATIONS}?PageSize=1000&IncludeConstraints=true")
        memory = machine.resident_mib(product.process.pid)
    for name, bursts in samples.items():
        rate = statistics.median(sample.rate for sample in bursts)
        micros = statistics.median(sample.server_cpu / sample.rate for sample in bursts) * 1e6
        yield Figure(f"list of 50 regulations {name}", f"{rate:,.0f} /s, {micros:.0f} µs of CPU each")
    yield Figure("memory after the lists of all regulations", f"{memory:.0f} MiB")


def impact(setting):
    """A proposed catalogue that every one of many bundles fails, at the command line, on one core."""
    data_dir, account = setting.with_items
    proposed = setting.folder / "proposed" / "countries"
    proposed.mkdir(parents=True)
    proposed.joinpath("DE.toml").write_text(PROPOSED)
    argv = ["taskset", "-c", str(machine.CORES[0]), setting.release("dossier"), "catalogue", "impact"]
    argv += [str(proposed.parent), "--data-dir", str(data_dir)]
    rows, seconds, peaks, busy = setting.options.impact_rows, [], [], []
    for _ in range(setting.options.rounds):
        setting.patience.wait()
        with open(setting.folder / "affected", "w") as printed:
            used = machine.run_measured(argv, printed)
        last = machine.last_line(setting.folder / "affected")
        if not last.startswith(f"{rows} of {rows} bundles would"):
            raise SystemExit(f"impact: {last}")
        seconds.append(used.wall)
        peaks.append(used.peak_mib)
        busy.append(used.cpu)
    rate, per_cpu = rows / statistics.median(seconds), rows / statistics.median(busy)
    yield Figure(f"impact on {rows:,} bundles", f"{rate:,.0f} bundles/s", "20,000", rate >= 20_000)
    yield Figure("the same per CPU second", f"{per_cpu:,.0f} bundles")
    yield Figure("the same, peak of resident memory", f"{max(peaks):.0f} MiB")


# The German rules for local numbers of a business, and one more question.
PROPOSED = """country = "DE"
name = "Germany"
effective_from = 2027-01-01
confidence = "documented"
sources = ["a benchmark"]

[[local.business]]
revision = 2
address_scope = "area"
end_user = ["business_name", "business_registration_number", "business_website", "first_name", "last_name", "email", "phone_number"]
documents = ["registration-number", "business-identity", "business-address-in-area"]
"""


def upload(setting):
    """A PDF of 5 MB by multipart, on disk before the answer."""
    data_dir = setting.folder / "upload"
    account = setting.account(data_dir)
    file = setting.folder / "body"
    file.write_bytes(_multipart())
    env = {"BODY": str(file), "TYPE": "multipart/form-data; boundary=BOUNDARY"}
    folders = [data_dir / "documents", setting.folder / "uploads"]

    def clean_up():
        # Hundreds of megabytes a second: no disk holds a whole run of them.
        for folder in folders:
            for entry in folder.iterdir():
                shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink()

    with setting.product(data_dir, account) as product, setting.floor(setting.folder / "upload.db") as floor:
        for program in (product, floor):
            program.post(DOCUMENTS, file.read_bytes(), env["TYPE"])
        samples = _compare(
            setting,
            {
                "floor": lambda burst: burst.wrk(floor, "post.lua", DOCUMENTS, env, UPLOAD_CONNECTIONS),
                "product": lambda burst: burst.wrk(product, "post.lua", DOCUMENTS, env, UPLOAD_CONNECTIONS),
            },
            after=clean_up,
        )
        memory = machine.resident_mib(product.process.pid)
    yield _comparison(samples, "upload of 5 MB, on disk", "product", "floor", 0.60)
    yield Figure("memory after the uploads", f"{memory:.0f} MiB")


def _multipart():
    """A form with a PDF whose one stream is as incompressible as a scan."""
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n2 0 obj\n<< /Length 0 >>\nstream\n"
    tail = b"\nendstream\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
    file = head + random.Random(1).randbytes(UPLOAD_BYTES - len(head) - len(tail)) + tail
    fields = {"FriendlyName": b"Business registration", "Type": b"business_registration", "Attributes": b"{}"}
    parts = [b'Content-Disposition: form-data; name="%s"\r\n\r\n%s' % (name.encode(), value) for name, value in fields.items()]
    disposition = b'Content-Disposition: form-data; name="File"; filename="registration.pdf"\r\nContent-Type: application/pdf'
    parts.append(disposition + b"\r\n\r\n" + file)
    return b"".join(b"--BOUNDARY\r\n" + part + b"\r\n" for part in parts) + b"--BOUNDARY--\r\n"


# What the product sends for a fetch, and for a create: the first insert travels with the BEGIN.
FETCH_SCRIPT = r"""\set number random(0, {rows} - 1)
SELECT sid, regulation_sid, iso_country, number_type, end_user_type, friendly_name, status, contact_sealed,
 valid_until, is_test, created_at, updated_at FROM bundles
 WHERE account_sid = '{account}' AND sid = 'BU' || left(encode(sha256((:number)::text::bytea), 'hex'), 32);
"""
CREATE_SCRIPT = r"""\startpipeline
BEGIN;
INSERT INTO bundles (account_sid, sid, regulation_sid, iso_country, number_type, end_user_type, friendly_name, status,
 contact_sealed, valid_until, is_test, created_at, updated_at)
 VALUES ('{account}', 'BU' || replace(gen_random_uuid()::text, '-', ''), '{regulation}', 'DE', 'local', 'business',
 'Deutschland GmbH, local numbers for the Berlin and Hamburg branches', 'draft', '\x{sealed}'::bytea,
 9223372036854775807, false, {now}, {now});
\endpipeline
INSERT INTO audit_events (account_sid, at, sid, actor, action, target, outcome, request_id, rule_revision)
 VALUES ('{account}', {now}, 'AE' || replace(gen_random_uuid()::text, '-', ''), '{account}', 'bundle.created',
 'BU00000000000000000000000000000000', 'done', 'RQ00000000000000000000000000000000', NULL);
COMMIT;
"""
NOW = "(extract(epoch from clock_timestamp()) * 1000000)::bigint"


def postgres(setting):
    """Fetch and create on PostgreSQL, against pgbench with the same statements on the same tables."""
    data_dir = setting.folder / "postgres"
    with Cluster(setting.folder / "cluster", setting.server_cores) as cluster:
        flags = ["--database-url", cluster.url]
        account = setting.account(data_dir, *flags)
        setting.fill(data_dir, cluster.url, account, POSTGRES_ROWS)
        cluster.sql("VACUUM ANALYZE")
        sealed = cluster.sql("SELECT encode(contact_sealed, 'hex') FROM bundles LIMIT 1")
        values = {"account": account.sid, "regulation": setting.regulation, "sealed": sealed, "now": NOW, "rows": POSTGRES_ROWS}
        pgbench = {}
        for name, script in (("fetch", FETCH_SCRIPT), ("create", CREATE_SCRIPT)):
            file = setting.folder / f"{name}.sql"
            file.write_text(script.format(**values))
            pgbench[name] = cluster.pgbench(file, POSTGRES_CLIENTS)
        env, form, root = setting.sampled_paths(POSTGRES_ROWS), setting.form(), cluster.pid
        with setting.product(data_dir, account, *flags) as product:
            samples = _compare(
                setting,
                {
                    "pgbench": lambda burst: burst.pgbench(pgbench["fetch"], root),
                    "product": lambda burst: burst.wrk(product, "get.lua", env=env, also=[root]),
                },
            )
            yield _comparison(samples, "PostgreSQL: fetch by SID", "product", "pgbench", 0.55)
            samples = _compare(
                setting,
                {
                    "pgbench": lambda burst: burst.pgbench(pgbench["create"], root),
                    "product": lambda burst: burst.wrk(product, "post.lua", BUNDLES, form, also=[root]),
                },
            )
            yield _comparison(samples, "PostgreSQL: create", "product", "pgbench", 0.55)


def evaluation(setting):
    """The largest regulation against a bundle that is wrong everywhere, in process."""
    argv = ["cargo", "bench", "--quiet", "-p", "dossier-domain", "--bench", "evaluation"]
    for line in run(argv, cwd=ROOT).splitlines():
        what, _, time_taken = line.rpartition(": ")
        in_full = what.startswith("evaluate") and "documents" in what
        yield Figure(what, time_taken, "under 50 µs", _micros(time_taken) < 50) if in_full else Figure(what, time_taken)


def _micros(text):
    number, unit = re.fullmatch(r"([\d.]+)(ns|µs|ms|s)", text).groups()
    return float(number) * {"ns": 1e-3, "µs": 1, "ms": 1e3, "s": 1e6}[unit]


def start(setting):
    """From the start of the process to its first answer, and its memory when it then does nothing."""
    data_dir = setting.folder / "start"
    argv = setting.product_argv(data_dir)
    setting.patience.wait()
    empty = seconds_to_first_answer(argv, setting.log)
    times = []
    for _ in range(STARTS):
        setting.patience.wait()
        times.append(seconds_to_first_answer(argv, setting.log))
    account = setting.account(data_dir)
    with setting.product(data_dir, account) as product:
        product.get(f"{BUNDLES}?PageSize=1")
        time.sleep(2)
        idle = machine.resident_mib(product.process.pid)
    median = statistics.median(times) * 1000
    spread = f"{median:.0f} ms ({min(times) * 1000:.0f} to {max(times) * 1000:.0f})"
    yield Figure(f"start to first answer, median of {STARTS}", spread, "under 300 ms", median < 300)
    yield Figure("the very first start, in an empty directory", f"{empty * 1000:.0f} ms")
    yield Figure("idle memory, full catalogue", f"{idle:.1f} MiB", "under 40 MiB", idle < 40)


PARTS = {
    "fetch": fetch,
    "create": create,
    "list": lists,
    "regulations": regulations,
    "impact": impact,
    "upload": upload,
    "postgres": postgres,
    "evaluation": evaluation,
    "start": start,
    "callbacks": outbox.callbacks,
}
