"""An installation's secrets become the Secret that the charts read."""

import json
import re
from dataclasses import asdict

from click.testing import CliRunner
from yanxiu.cli.main import main
from yanxiu.people.idnumber import IdKey
from yanxiu.settings.secrets import id_key, load_or_create

from tests.support.site import ROOT


def printed(data, **env):
    done = CliRunner().invoke(main, ["secrets", "manifest", "--data", str(data)], env=env)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_the_secret_has_what_the_folder_keeps_and_the_environment_says(tmp_path):
    made = printed(tmp_path, YANXIU_DATABASE_URL="postgresql+psycopg://yanxiu@db/yanxiu")
    kept = load_or_create(tmp_path)
    given = made["stringData"]
    assert made["kind"] == "Secret" and made["metadata"]["name"] == "yanxiu"
    assert asdict(kept).items() <= given.items()
    assert given["database_url"] == "postgresql+psycopg://yanxiu@db/yanxiu"
    assert given["id_match"] == IdKey(bytes.fromhex(kept.id_numbers)).match_key.hex()
    # Twice the same: a second run must not shut everybody out.
    assert printed(tmp_path)["stringData"].items() <= given.items()


def test_every_key_that_a_chart_asks_for_is_one_that_is_made(tmp_path):
    made = printed(
        tmp_path,
        YANXIU_DATABASE_URL="x",
        PGPASSWORD="x",
        YANXIU_S3_ACCESS_KEY_ID="x",
        YANXIU_S3_SECRET_ACCESS_KEY="x",
    )
    templates = (ROOT / "helm" / "schools" / "templates").glob("*")
    charts = "\n".join(path.read_text("utf-8") for path in templates)
    asked = set(re.findall(r'schools\.secret" \(list \S+ "\w+" "(\w+)"\)', charts))
    overlay = (ROOT / "helm" / "hub-values" / "values.yaml").read_text("utf-8")
    asked |= set(re.findall(r"key: (\w+)}}}", overlay))
    assert len(asked) > 8
    assert asked <= set(made["stringData"])


def test_a_command_in_a_pod_takes_the_key_that_it_is_given_and_makes_none(tmp_path):
    assert id_key(tmp_path, {"YANXIU_ID_KEY": "1d" * 32}) == "1d" * 32
    assert not (tmp_path / "secrets").exists()
    assert id_key(tmp_path, {}) == load_or_create(tmp_path).id_numbers
