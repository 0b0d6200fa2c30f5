#!/usr/bin/env python3
"""Logins leave the gate in five ways: Docker's credential helper (skopeo calls it), the kubelet's provider, `portcullis login`, and `/v1/credentials`;
Artifactory's, by a role, by a service account and by Pod Identity, among them."""
import json
import os
import pathlib
import unittest

from broker_stack import EXTERNAL_ID, HOST, WithBroker
from fake_cloud import ACCOUNT, BINARY, ISSUER, REGION, FakeCloud, Issuer, role_arn
from processes import run
import wire

COMPANY = "company.jfrog.io"
APP, POD = role_arn("ci/app"), role_arn("pod")
SUBJECT = "system:serviceaccount:registry:gate"
NOT_FOUND = "credentials not found in native keychain\n"


class Surfaces(unittest.TestCase):
    def setUp(self):
        self.cloud = self.enterContext(FakeCloud())
        self.issuer = Issuer(self.cloud.folder)
        alice = self.cloud.alice
        self.cloud.world.update({
            "users": [{**alice.entry, "allow": ["sts:*"]}],
            "providers": [self.issuer.provider],
            "roles": [
                {"name": "pull", "trust": [{"principals": [alice.arn], "externalId": EXTERNAL_ID}], "allow": ["ecr:GetAuthorizationToken"]},
                {"name": "app", "path": "/ci/", "maxSessionDuration": 7200, "trust": [{"principals": [alice.arn], "externalId": EXTERNAL_ID}],
                 "allow": ["iam:GetRole"]},
                {"name": "pod", "maxSessionDuration": 14400, "trust": [{"provider": ISSUER, "subjects": [SUBJECT]}, {"principals": ["*"]}],
                 "allow": ["iam:GetRole", "ecr:GetAuthorizationToken"]},
            ],
            "containers": [{"path": "/v1/credentials", "role": "pod", "token": "canary-pod-agent-token"}],
            "artifactory": {APP: "ci-user", POD: "pod-user"},
        })
        self.cloud.start()

    def config(self, registries: dict, **broker) -> pathlib.Path:
        whole = {"http": {"auth": {"bearer": {"realm": "https://auth.example.com/token", "service": "registry.example.com"}}},
                 "portcullis": {"keys": {"file": "keys.json"}, "tokens": {"issuers": ["any"], "audiences": ["any"]},
                                "broker": {"registries": registries, **broker}}}
        return self.cloud.write("broker.json", json.dumps(whole))

    def artifactory(self, **more) -> dict:
        return {COMPANY: {"artifactory": {"url": self.cloud.endpoint, "region": REGION, **more}}}

    def run_portcullis(self, *words: str, stdin: str = None, program=BINARY, **environment):
        given = {"AWS_ENDPOINT_URL": self.cloud.endpoint, "PORTCULLIS_CONFIG": str(self.cloud.folder / "broker.json"), **environment}
        source = self.cloud.write("stdin", stdin or "")
        with source.open() as opened:
            done = run([program, *words], self.cloud.folder, env=self.cloud.clean(**given), stdin=opened)
        for secret in [*self.cloud.secrets(), "canary"]:
            self.assertNotIn(secret, done.stderr)
        return done

    def helper(self) -> pathlib.Path:
        """A folder for PATH in which the binary has the helper's name."""
        folder = self.cloud.folder / "bin"
        folder.mkdir(exist_ok=True)
        link = folder / "docker-credential-portcullis"
        if not link.exists():
            link.symlink_to(BINARY)
        return link

    # Artifactory.

    def test_a_role_with_a_path_and_an_external_id_opens_artifactory(self):
        self.config(self.artifactory(assumeRoleArn=APP, externalId=EXTERNAL_ID, subdomains=["docker.company.example"]))

        done = self.run_portcullis("login", "docker.company.example", "--json", **self.cloud.alice.environment)

        self.assertEqual(done.returncode, 0, done.stderr)
        login = json.loads(done.stdout)
        self.assertEqual((login["username"], len(login["password"])), ("ci-user", 200))
        self.assertEqual([self.cloud.calls(name) for name in ("AssumeRole", "GetRole", "Exchange")], [1, 1, 1])
        self.assertEqual(done.stderr, "", "its longest session was told")

    def test_without_a_region_the_question_is_signed_for_all_of_them(self):
        self.config(self.artifactory(assumeRoleArn=APP, externalId=EXTERNAL_ID, region="*"))

        done = self.run_portcullis("login", COMPANY, "--password", **self.cloud.alice.environment)

        self.assertEqual((done.returncode, len(done.stdout)), (0, 201), done.stderr)

    def test_a_wrong_external_id_says_what_to_compare(self):
        self.config(self.artifactory(assumeRoleArn=APP, externalId="somebody-elses"))

        done = self.run_portcullis("login", COMPANY, **self.cloud.alice.environment)

        self.assertEqual((done.returncode, done.stdout), (1, ""))
        for words in ("AccessDenied", "trust policy", APP):
            self.assertIn(words, done.stderr)
        self.assertEqual(self.cloud.calls("Exchange"), 0)

    def test_a_role_that_artifactory_does_not_know_is_explained(self):
        self.config(self.artifactory(assumeRoleArn=role_arn("pull"), externalId=EXTERNAL_ID))

        done = self.run_portcullis("login", COMPANY, **self.cloud.alice.environment)

        self.assertEqual(done.returncode, 1)
        for words in ("iam:GetRole", "HTTP 401", "/access/api/v1/aws/iam_role", role_arn("pull")):
            self.assertIn(words, done.stderr)

    def test_a_service_account_opens_artifactory_by_its_token(self):
        self.config(self.artifactory())
        token = self.cloud.write("web-token", self.issuer.mint())

        done = self.run_portcullis("login", COMPANY, "--json", AWS_ROLE_ARN=POD, AWS_WEB_IDENTITY_TOKEN_FILE=str(token))

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["username"], "pod-user")

    def test_pod_identity_opens_artifactory(self):
        self.config(self.artifactory(authType="podIdentity"))
        token = self.cloud.write("pod-token", "canary-pod-agent-token")

        done = self.run_portcullis("login", COMPANY, "--json", AWS_CONTAINER_CREDENTIALS_FULL_URI=self.cloud.endpoint + "/v1/credentials",
                                   AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(token))

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["username"], "pod-user")
        self.assertEqual([self.cloud.calls(name) for name in ("GetCallerIdentity", "GetRole", "Exchange")], [1, 1, 1])

    # The Docker credential helper.

    def test_the_helper_speaks_dockers_protocol(self):
        self.config({**self.artifactory(assumeRoleArn=APP, externalId=EXTERNAL_ID), HOST: {"assumeRoleArn": role_arn("pull"), "externalId": EXTERNAL_ID}})
        program, alice = self.helper(), self.cloud.alice.environment

        got = self.run_portcullis("get", stdin=f"https://{HOST}\n", program=program, **alice)
        listed = self.run_portcullis("list", program=program)

        self.assertEqual(got.returncode, 0, got.stdout)
        answer = json.loads(got.stdout)
        self.assertEqual((answer["ServerURL"], answer["Username"]), (f"https://{HOST}", "AWS"))
        self.assertEqual(json.loads(listed.stdout), {f"https://{HOST}": "AWS", f"https://{COMPANY}": ""})

    def test_the_helper_refuses_with_dockers_words(self):
        self.config({HOST: {"assumeRoleArn": role_arn("pull"), "externalId": "somebody-elses"}})
        program, alice = self.helper(), self.cloud.alice.environment

        def said(*words, stdin=""):
            done = self.run_portcullis(*words, stdin=stdin, program=program, **alice)
            return done.returncode, done.stdout

        for stranger in (f"{HOST}.evil.example", HOST.replace(ACCOUNT, ACCOUNT[1:]), "https://index.docker.io/v1/"):
            self.assertEqual(said("get", stdin=stranger), (1, NOT_FOUND))
        self.assertEqual(said("get"), (1, "no credentials server URL\n"))
        self.assertEqual(said("store", stdin=json.dumps({"ServerURL": HOST, "Secret": "canary"})), (1, "no credentials username\n"))
        self.assertEqual(said("erase", stdin=HOST), (0, ""))
        self.assertEqual(said("dance"), (1, "docker-credential-portcullis: unknown action: dance\n"))
        self.assertEqual(said(), (1, "Usage: docker-credential-portcullis <store|get|erase|list|version>\n"))
        status, text = said("get", stdin=HOST)
        self.assertEqual(status, 1)
        self.assertIn("AccessDenied", text)
        status, text = said("store", stdin=json.dumps({"ServerURL": HOST, "Username": "u", "Secret": "canary"}))
        self.assertEqual(status, 1)
        self.assertNotIn("canary", text)

    def test_without_a_configuration_the_helper_opens_ecr_as_who_we_are(self):
        program = self.helper()
        self.cloud.control(role={"name": "pod", "trust": []})

        def asked(host):
            return self.run_portcullis("get", stdin=host, program=program, PORTCULLIS_CONFIG="", **self.cloud.alice.environment)

        self.assertEqual(asked(f"{HOST}.evil.example").stdout, NOT_FOUND)
        refused = asked(HOST).stdout  # alice may do nothing at ECR
        self.assertIn("ecr:GetAuthorizationToken", refused)

    # The kubelet's credential provider.

    def kubelet(self, image: str, **more):
        request = {"kind": "CredentialProviderRequest", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "image": image, **more}
        return self.run_portcullis("kubelet-provider", stdin=json.dumps(request), **self.cloud.alice.environment)

    def test_the_kubelet_gets_a_login_and_keeps_it_for_half_its_life(self):
        self.config(self.artifactory(assumeRoleArn=APP, externalId=EXTERNAL_ID))

        done = self.kubelet(f"{COMPANY}/docker/app:1")

        self.assertEqual(done.returncode, 0, done.stderr)
        answer = json.loads(done.stdout)
        self.assertEqual({name: answer[name] for name in ("kind", "apiVersion", "cacheKeyType")},
                         {"kind": "CredentialProviderResponse", "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "cacheKeyType": "Registry"})
        self.assertIn(int(answer["cacheDuration"].removesuffix("s")), range(3590, 3601))
        self.assertEqual({host: auth["username"] for host, auth in answer["auth"].items()}, {COMPANY: "ci-user"})

    def test_the_kubelet_gets_the_pods_login_where_it_brings_its_token(self):
        self.config(self.artifactory(assumeRoleArn=APP, externalId=EXTERNAL_ID))

        pods = self.kubelet(f"{COMPANY}/docker/app:1", serviceAccountToken=self.issuer.mint(), serviceAccountAnnotations={"eks.amazonaws.com/role-arn": POD})
        bare = self.kubelet(f"{COMPANY}/docker/app:1", serviceAccountToken=self.issuer.mint())

        self.assertEqual(pods.returncode, 0, pods.stderr)
        self.assertEqual(json.loads(pods.stdout)["auth"][COMPANY]["username"], "pod-user")
        self.assertEqual((bare.returncode, bare.stdout), (1, ""), "never the node's login for a pod")

    def test_the_kubelet_gets_ecrs_login_as_the_pod(self):
        self.config({HOST: {"assumeRoleArn": role_arn("pull"), "externalId": "the-node-has-none"}})

        done = self.kubelet(f"{HOST}/app:1", serviceAccountToken=self.issuer.mint(), serviceAccountAnnotations={"eks.amazonaws.com/role-arn": POD})

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["auth"][HOST]["username"], "AWS")
        self.assertEqual(self.cloud.calls("AssumeRole"), 0)

    def test_the_kubelet_goes_on_without_where_nothing_is_configured(self):
        self.config(self.artifactory(assumeRoleArn=APP, externalId=EXTERNAL_ID))

        done = self.kubelet("nginx:1.27")

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIsNone(json.loads(done.stdout)["auth"])
        self.assertEqual(self.kubelet("").returncode, 2)

    # login --docker

    def test_docker_is_given_the_password_by_a_pipe_and_never_as_an_argument(self):
        self.config(self.artifactory(assumeRoleArn=APP, externalId=EXTERNAL_ID))
        docker = self.helper().parent / "docker"
        docker.write_text('#!/bin/sh\necho "$@" >"$HOME/words"\ncat >"$HOME/password"\nexit 3\n')
        docker.chmod(0o755)

        done = self.run_portcullis("login", COMPANY, "--docker", PATH=f"{docker.parent}:{os.environ['PATH']}", **self.cloud.alice.environment)

        self.assertEqual((done.returncode, done.stdout), (1, ""), "docker said no")
        self.assertEqual((self.cloud.folder / "words").read_text(), f"login --username ci-user --password-stdin {COMPANY}\n")
        self.assertEqual(len((self.cloud.folder / "password").read_text()), 200)


class WithARegistry(WithBroker):
    def complete(self, world: dict):
        world["roles"].append(self.role("theirs", allow=["ecr:GetAuthorizationToken"]))

    def setUp(self):
        super().setUp()
        self.stack.broker["policy"] = [{"users": ["alice"]}]
        self.stack.broker["callerRoles"] = [role_arn("theirs")]

    def begin(self):
        """The gate and the registry; no proxy is asked here."""
        self.stack.make_key("k1")
        self.stack.new_password()
        self.stack.start_registry()
        self.stack.start_gate()

    def credentials(self, *access: str, **body) -> wire.Answer:
        token = self.stack.mint("k1", *access)
        return wire.request(self.stack.gate_addresses[0], "POST", "/v1/credentials", wire.bearer(token), json.dumps({"registry": HOST, **body}).encode())

    def policies(self) -> list:
        return wire.request(self.cloud.control_url.removeprefix("http://"), "GET", "/control/policies").json()["policies"]

    def test_a_caller_has_a_budget_of_new_logins_and_spends_nobody_elses(self):
        self.stack.broker["policy"] = [{"users": ["alice", "bob"]}]
        self.begin()

        def ask(subject: str, external_id: str) -> wire.Answer:
            token = self.stack.mint("k1", "repository:team/app:pull", subject=subject)
            body = {"registry": HOST, "username": role_arn("theirs"), "password": external_id}
            return wire.request(self.stack.gate_addresses[0], "POST", "/v1/credentials", wire.bearer(token), json.dumps(body).encode())

        guesses = [ask("alice", f"guess-{number}") for number in range(33)]
        bobs = ask("bob", EXTERNAL_ID)
        known = ask("alice", EXTERNAL_ID)

        self.assertEqual({answer.status for answer in guesses}, {503})
        self.assertEqual([self.stack.reason_of(answer) for answer in guesses], ["credentials_unavailable"] * 32 + ["overloaded"])
        self.assertEqual(guesses[-1].all("Retry-After"), ["5"])
        self.assertEqual((bobs.status, known.status), (200, 200), "what is at hand costs nothing")
        self.assertEqual(self.cloud.calls("AssumeRole"), 33)

    def test_skopeo_pulls_with_the_helper_in_its_path(self):
        self.begin()
        image, _ = self.stack.image()
        pushed = run(["skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--dest-creds", f"AWS:{self.stack.password}", f"oci:{image}:latest",
                      f"docker://{self.stack.registry}/team/app:latest"])
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        self.stack.config["portcullis"]["broker"]["registries"][self.stack.registry] = {
            "ecr": HOST, "assumeRoleArn": role_arn("pull"), "externalId": EXTERNAL_ID}
        config = self.stack.folder / "helper.json"
        config.write_text(json.dumps(self.stack.config))
        tools = self.stack.folder / "bin"
        tools.mkdir()
        (tools / "docker-credential-portcullis").symlink_to(BINARY)
        auth = self.stack.folder / "auth.json"
        auth.write_text(json.dumps({"credHelpers": {self.stack.registry: "portcullis"}}))
        environment = {**self.stack.gate_environment, "PATH": f"{tools}:{os.environ['PATH']}", "PORTCULLIS_CONFIG": str(config)}
        command = ["skopeo", "inspect", "--tls-verify=false", "--authfile", str(auth), f"docker://{self.stack.registry}/team/app:latest"]

        done = run(command, self.stack.folder, env=environment)
        without = run(command, self.stack.folder, env={**environment, "PATH": os.environ["PATH"]})

        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("sha256:", json.loads(done.stdout)["Digest"])
        self.assertNotEqual(without.returncode, 0, "the registry wants a login")

    def test_a_caller_gets_a_login_for_its_repositories_alone(self):
        self.begin()

        answer = self.credentials("repository:team/app:pull")

        self.assertEqual(answer.status, 200, answer)
        self.assertEqual((answer.json()["username"], answer.json()["password"]), ("AWS", self.stack.password))
        self.assertEqual(answer.all("Cache-Control"), ["no-store"])
        arn = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/team/app"
        self.assertEqual([statement["Resource"] for statement in self.policies()[0]["Statement"]], [["*"], [arn]])
        self.assertEqual(self.credentials("repository:team/app:pull").status, 200)
        self.assertEqual(self.stack.logins(), (1, 1), "the same caller gets the same login")
        self.assertEqual(self.credentials("repository:team/other:pull").status, 200)
        self.assertEqual(self.stack.logins(), (2, 2), "another reach is another login")

    def test_a_login_that_was_made_just_now_is_fresh(self):
        self.begin()
        self.assertEqual(self.credentials("repository:team/app:pull").status, 200)

        self.assertEqual([self.credentials("repository:team/app:pull", fresh=True).status for _ in range(3)], [200, 200, 200])

        self.assertEqual(self.stack.logins(), (1, 1), "at most one in ten seconds")

    def test_a_role_of_the_callers_own_is_assumed_with_its_external_id(self):
        self.begin()

        good = self.credentials("repository:any/thing:pull", username=role_arn("theirs"), password=EXTERNAL_ID)
        wrong = self.credentials("repository:any/thing:pull", username=role_arn("theirs"), password="somebody-elses")
        ours = self.credentials("repository:any/thing:pull", username=role_arn("pull"), password=EXTERNAL_ID)

        self.assertEqual(good.status, 200, good)
        self.assertEqual(wrong.status, 503, wrong)
        for words in ("AccessDenied", "trust", "assume", ACCOUNT):
            self.assertNotIn(words, wrong.body.decode())
        self.assertTrue(self.stack.logged("AccessDenied"))
        self.assertEqual(ours.status, 403, ours)

    def test_who_is_not_named_gets_nothing(self):
        self.stack.broker["policy"] = [{"users": ["bob"]}]
        self.begin()

        answer = self.credentials("repository:team/app:pull")

        self.assertEqual((answer.status, self.stack.logins()), (403, (0, 0)), answer)


if __name__ == "__main__":
    unittest.main()
