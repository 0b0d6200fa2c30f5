#!/usr/bin/env python3
"""A registry that wants credentials, behind nginx and the gate: clients have a token alone, and the gate logs in for them as ECR has it."""
import json
import threading
import unittest

import yaml

from broker_stack import EXAMPLE_HOST, EXTERNAL_ID, HOST, WithBroker
from fake_cloud import REGION, role_arn
from processes import wait_until
from stack import EXAMPLES
import wire

MANIFEST = "/v2/team/app/manifests/latest"
ACCEPT = {"Accept": "application/vnd.oci.image.manifest.v1+json"}
PULL, PUSH = "repository:team/app:pull", "repository:team/app:pull,push"


class BehindNginx(WithBroker):
    def begin_with_image(self):
        self.stack.begin()
        image, _ = self.stack.image()
        pushed = self.stack.push("team/app", self.stack.mint("k1", PUSH), image)
        self.assertEqual(pushed.returncode, 0, pushed.stderr)

    def pull(self) -> int:
        done, _ = self.stack.pull("team/app", self.stack.mint("k1", PULL))
        return done.returncode

    def test_a_client_with_a_token_alone_pushes_and_pulls(self):
        self.begin_with_image()

        self.assertEqual(self.pull(), 0)

        self.assertEqual(self.stack.logins(), (1, 1))
        self.assertEqual(self.stack.refused_by_registry(), 0)
        self.assertTrue(self.stack.logged('"role assumed"'))
        self.assertEqual(self.stack.metric('portcullis_broker_logins_total{kind="ecr",method="role",result="success"}'), 1)
        self.assertGreater(self.stack.metric('portcullis_broker_cache_requests_total{result="hit"}'), 5)

    def test_a_clients_own_headers_never_reach_the_registry(self):
        self.begin_with_image()
        token = self.stack.mint("k1", PULL)

        answer = self.stack.ask("GET", MANIFEST, token, {"X-Registry-Authorization": "Basic QVdTOmV2aWw=", **ACCEPT})

        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(self.stack.refused_by_registry(), 0)

    def test_who_has_no_token_gets_the_gates_challenge_and_no_other(self):
        self.begin_with_image()

        answer = self.stack.ask("GET", MANIFEST)

        self.assertEqual(answer.status, 401)
        self.assertTrue(answer.one("WWW-Authenticate").startswith("Bearer realm="), answer)

    def test_a_wrong_external_id_is_503_with_advice_and_never_an_anonymous_request(self):
        self.stack.broker["registries"][HOST]["externalId"] = "somebody-elses"
        self.stack.begin()

        answer = self.stack.ask("GET", MANIFEST, self.stack.mint("k1", PULL))

        self.assertEqual((answer.status, answer.error_code), (503, "UNAVAILABLE"), answer)
        self.assertEqual(answer.all("WWW-Authenticate"), [])
        self.assertEqual(self.stack.reason_of(answer), "credentials_unavailable")
        line = self.stack.logged("login to a registry failed")[0]
        for words in ("AccessDenied", "trust policy", role_arn("pull"), REGION, HOST):
            self.assertIn(words, json.dumps(line))
        self.assertNotIn("http.request", self.stack.process("registry").output())
        self.assertEqual(self.stack.logins(), (1, 0), "a denial is not repeated")

        # The operator mends it, and nobody has to restart anything.
        self.stack.broker["registries"][HOST]["externalId"] = EXTERNAL_ID
        self.stack.write_config()
        self.stack.reload()
        wait_until(lambda: self.stack.ask("GET", MANIFEST, self.stack.mint("k1", PULL)).status == 404, "the registry is asked")

    def test_a_login_that_the_registry_refuses_is_503_without_its_challenge(self):
        self.begin_with_image()
        self.stack.new_password(where="registry")

        answer = self.stack.ask("GET", MANIFEST, self.stack.mint("k1", PULL), ACCEPT)

        self.assertEqual((answer.status, answer.error_code), (503, "UNAVAILABLE"), answer)
        self.assertEqual(answer.all("WWW-Authenticate"), [])
        self.assertEqual(answer.all("Retry-After"), ["5"])

    def test_logins_are_renewed_ahead_during_a_pull_that_outlives_them(self):
        self.begin_with_image()
        # From now on passwords live for five minutes and two seconds, of which the gate uses two.
        self.cloud.control(ecrPasswordSeconds=302)
        self.assertEqual(self.stack.gate.stop(), 0)
        self.stack.gate.out.write_text("")
        self.stack.launch_gate()
        token = self.stack.mint("k1", PULL)
        statuses = []
        before = self.cloud.calls("GetAuthorizationToken")

        def outlived():
            statuses.append(self.stack.ask("GET", MANIFEST, token, ACCEPT).status)
            return self.cloud.calls("GetAuthorizationToken") >= before + 4

        wait_until(outlived, "four logins")

        self.assertEqual(set(statuses), {200})
        self.assertEqual(self.stack.metric('portcullis_broker_cache_requests_total{result="miss"}'), 1, "nobody ever waited but the first")

    def test_sts_may_be_down_while_a_login_is_good(self):
        self.begin_with_image()
        self.cloud.fault("sts", 503)
        self.cloud.fault("ecr", 503)

        self.assertEqual(self.pull(), 0)

    def test_many_callers_on_a_cold_role_are_one_login(self):
        self.stack.begin()
        token = self.stack.mint("k1", PULL)
        statuses = []

        def ask():
            statuses.append(self.stack.ask("GET", MANIFEST, token).status)

        callers = [threading.Thread(target=ask) for _ in range(50)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

        self.assertEqual(set(statuses), {404})
        self.assertEqual(self.stack.logins(), (1, 1))

    def test_traefik_gets_the_login_under_the_name_that_it_can_copy(self):
        self.stack.begin()
        question = {"X-Forwarded-Method": "GET", "X-Forwarded-Uri": MANIFEST, **wire.bearer(self.stack.mint("k1", PULL))}

        answer = wire.request(self.stack.gate_addresses[0], "GET", "/forward", question)

        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.one("Authorization").startswith("Basic QVdTO"), answer)
        self.assertEqual(answer.all("X-Registry-Authorization"), [])

    def test_envoy_gets_it_as_a_header_of_its_own(self):
        self.stack.begin()

        answer = wire.request(self.stack.gate_addresses[0], "GET", "/envoy" + MANIFEST, wire.bearer(self.stack.mint("k1", PULL)))

        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(answer.one("X-Registry-Authorization").startswith("Basic QVdTO"), answer)

    def test_envoys_example_puts_the_login_in_the_place_of_the_token(self):
        document = yaml.safe_load((EXAMPLES / "ecr/envoy.yaml").read_text())["static_resources"]
        manager = document["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        filters = manager["http_filters"]
        registry, gate = document["clusters"]
        hidden = registry["typed_extension_protocol_options"]["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]["http_filters"]
        self.assertEqual(hidden[0]["typed_config"]["mutations"], {"response_mutations": [{"remove": "www-authenticate"}]})
        self.assertIn("pipe", gate["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"])
        self.assertEqual(manager["route_config"]["virtual_hosts"][0]["routes"][0]["route"]["host_rewrite_literal"], EXAMPLE_HOST)
        self.stack.broker["routes"] = [{"repositories": "team/**", "registry": HOST}]
        self.stack.begin()

        def sent_to_registry(repository: str) -> dict:
            """What the filters make of a client's request, in their order."""
            token = self.stack.mint("k1", f"repository:{repository}:pull")
            headers = {"authorization": f"Bearer {token}", "x-registry-authorization": "Basic QVdTOmV2aWw="}
            for entry in filters[:-1]:
                settings = entry["typed_config"]
                for change in settings.get("mutations", {}).get("request_mutations", []):
                    if "remove" in change:
                        headers.pop(change["remove"], None)
                        continue
                    source = change["append"]["header"]["value"].removeprefix("%REQ(").removesuffix(")%").lower()
                    if source in headers:
                        headers[change["append"]["header"]["key"]] = headers[source]
                if "http_service" not in settings:
                    continue
                service = settings["http_service"]
                asked = {one["exact"] for one in service["authorization_request"]["allowed_headers"]["patterns"]}
                question = {name: value for name, value in headers.items() if name in asked}
                answer = wire.request(self.stack.gate_addresses[0], "GET", f"{service['path_prefix']}/v2/{repository}/manifests/latest", question)
                self.assertEqual(answer.status, 200, answer)
                for one in service["authorization_response"]["allowed_upstream_headers"]["patterns"]:
                    headers.update({one["exact"]: value for value in answer.all(one["exact"])})
            return headers

        self.assertEqual(list(sent_to_registry("team/app")), ["authorization"])
        self.assertTrue(sent_to_registry("team/app")["authorization"].startswith("Basic QVdTO"))
        self.assertEqual(sent_to_registry("other/app"), {}, "neither the token nor what a client made up")

    def test_a_repository_without_a_route_carries_no_login(self):
        self.stack.broker["routes"] = [{"repositories": "team/**", "registry": HOST}]
        self.stack.begin()
        question = {"X-Original-Method": "GET", "X-Original-URI": "/v2/other/app/manifests/latest"}

        answer = wire.request(self.stack.gate_addresses[0], "GET", "/auth", {**question, **wire.bearer(self.stack.mint("k1", "repository:other/app:pull"))})

        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.all("X-Registry-Authorization"), [])
        self.assertEqual(self.stack.logins(), (0, 0))

    def test_the_status_page_tells_of_each_registry(self):
        self.begin_with_image()

        said = wire.request(self.stack.admin, "GET", "/status").json()["broker"]

        self.assertEqual([(one["host"], one["kind"], one["method"], one["lastError"]) for one in said["registries"]], [(HOST, "ecr", "role", None)])
        self.assertEqual(said["cache"]["entries"], 1)


if __name__ == "__main__":
    unittest.main()
