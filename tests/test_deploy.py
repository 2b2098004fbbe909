"""deploy/: the options in it are ones that there are, and nginx does with its file what the page needs."""

import argparse
import contextlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest
import yaml
from gradio_client import Client
from waiting import wait_for

from benchmarks.startup import find_free_port
from mnist_demo.serving.routes.access import MAX_FORM
from mnist_demo.ui.demo import build_demo
from mnist_demo.ui.serve import add_options

DEPLOY = Path(__file__).parent.parent / "deploy"
HOST = "lesson.example"
MAIN = """
daemon off; pid {folder}/pid; error_log stderr; {user}
events {{}}
http {{
    access_log off; include {site};
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
}}
"""
nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def fill_in(text):
    return re.sub(r"\$\{(\w+):\?.*?\}", HOST, text)


@pytest.fixture(scope="module")
def arguments(compose):
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser.parse_args([fill_in(word) for word in compose["services"]["demo"]["command"]])


def test_the_page_is_started_by_the_name_and_under_the_path_of_the_proxy(arguments):
    assert arguments.allow_host == [HOST]
    assert f"location {arguments.root_path}/ {{" in (DEPLOY / "nginx.conf").read_text(encoding="utf-8")


def test_what_stands_in_the_files_lies_there(compose):
    proxy, demo = compose["services"]["proxy"], compose["services"]["demo"]
    assert (DEPLOY / proxy["volumes"][0].split(":")[0]).is_file()
    assert (DEPLOY / demo["build"] / "Dockerfile").is_file()
    (network,) = compose["networks"]["default"]["ipam"]["config"]
    assert demo["environment"]["FORWARDED_ALLOW_IPS"] == network["subnet"]
    assert "127.0.0.1:7860/readyz" in demo["healthcheck"]["test"][-1]


@pytest.fixture(scope="module")
def page(small_mnist, arguments):
    page = build_demo(small_mnist, instructor_key="the key", allowed_hosts=arguments.allow_host)
    with contextlib.closing(page):
        page.launch(prevent_thread_lock=True, quiet=True, root_path=arguments.root_path)
        yield page


@pytest.fixture(scope="module")
def plain():
    """The address of nginx without TLS."""
    return f"http://127.0.0.1:{find_free_port()}"


@pytest.fixture(scope="module")
def site(page, plain, tmp_path_factory):
    """The address of the page behind nginx with the file of deploy/, but for ports, the certificate and the name."""
    folder = tmp_path_factory.mktemp("nginx")
    make_key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}", "-days", "1"]
    make_key += ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
    subprocess.run(make_key, check=True, capture_output=True)
    port = find_free_port()
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    changes = {
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen {plain.removeprefix('http://')}",
        "demo:7860": f"127.0.0.1:{page.server_port}",
        "/etc/nginx/certificates": str(folder),
    }
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "site.conf").write_text(text, encoding="utf-8")
    user = "user root;" if os.geteuid() == 0 else ""
    main = MAIN.format(folder=folder, user=user, site=folder / "site.conf")
    (folder / "nginx.conf").write_text(main, encoding="utf-8")
    command = [nginx, "-p", folder, "-c", folder / "nginx.conf"]
    subprocess.run([*command, "-t"], check=True)
    with subprocess.Popen(command) as server:
        try:
            yield f"https://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def http(site):
    """A visitor, who asks by the name of the page."""
    port = site.rpartition(":")[2]
    with httpx.Client(base_url=f"{site}/mnist/", verify=False, timeout=60, headers={"Host": f"{HOST}:{port}"}) as http:
        wait_for(lambda: connects(http))
        yield http


def connects(http):
    with contextlib.suppress(httpx.ConnectError):
        return http.get("readyz").status_code == 200
    return False


@pytest.mark.skipif(not nginx, reason="needs nginx")
class TestNginx:
    def test_the_page_is_there_and_its_own_requests_are_let_in(self, http, site):
        assert "Handwritten digits" in http.get("").text
        origin = f"https://{HOST}:{site.rpartition(':')[2]}"
        assert http.post("live", json={}, headers={"Origin": origin}).status_code == 200
        assert http.post("live", json={}, headers={"Origin": "https://other.example"}).status_code == 403
        assert http.get("readyz", headers={"Host": "other.example"}).status_code == 421

    def test_addresses_of_the_page_are_those_that_visitors_see(self, http, site):
        root = http.get("config").json()["root"]
        assert root == f"https://{HOST}:{site.rpartition(':')[2]}/mnist"

    def test_figures_are_for_the_machine_alone(self, http, page):
        assert http.get("metrics").status_code == 404
        assert httpx.get(f"{page.local_url}metrics").status_code == 200

    def test_pictures_pass_as_large_as_the_page_takes_them(self, http):
        answer = http.post("read", content=b"x" * MAX_FORM)
        assert (answer.status_code, answer.json()["error"]) == (413, "expected at most 20,000,000 bytes")
        assert "nginx" in http.post("read", content=b"x" * 21_000_000).text

    def test_nobody_makes_up_an_address(self, http):
        answers = [
            http.post("instructor", json={"key": f"guess {number}"}, headers={"X-Forwarded-For": f"192.0.2.{number}"})
            for number in range(12)  # more than one address may guess
        ]
        assert [answer.status_code for answer in answers][::11] == [403, 429]

    def test_programs_get_their_events(self, site):
        client = Client(f"{site}/mnist/", ssl_verify=False, verbose=False)
        assert client.predict("train", 10, api_name="/sample")["label"] == 3

    def test_without_tls_one_is_sent_to_it(self, site, plain):
        answer = httpx.get(f"{plain}/mnist/?view=screen", headers={"Host": HOST})
        assert (answer.status_code, answer.headers["location"]) == (301, f"https://{HOST}/mnist/?view=screen")
