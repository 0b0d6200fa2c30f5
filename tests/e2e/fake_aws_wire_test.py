#!/usr/bin/env python3
"""The cloud of the tests, byte by byte: what it says to requests that are unsigned, cut short, changed on the way or signed with another clock, to tokens of
identity providers, and to machines; and the faults that a test may script. Signed by curl and by awscrt (SigV4A too), which know nothing of our signer."""
import datetime
import io
import json
import time
import unittest
import urllib.parse
import xml.etree.ElementTree

from awscrt import auth, http

from fake_cloud import ACCOUNT, CLOUD, REGION, FakeCloud, Issuer, User, role_arn
from processes import run

WHO = "Action=GetCallerIdentity&Version=2011-06-15"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def signed(credentials: tuple, body: str, *, method: str = "POST", path: str = "/", host: str, headers: dict = None, service: str = "sts", region: str = REGION,
           shift: float = 0, asymmetric: bool = False) -> dict:
    """The headers of a request, signed by awscrt `shift` seconds from now. `credentials` is (key id, secret[, token])."""
    given = http.HttpHeaders([("host", host), *(headers or {}).items()])
    config = auth.AwsSigningConfig(
        algorithm=auth.AwsSigningAlgorithm.V4_ASYMMETRIC if asymmetric else auth.AwsSigningAlgorithm.V4,
        signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS, credentials_provider=auth.AwsCredentialsProvider.new_static(*credentials),
        region=region, service=service, date=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift))
    auth.aws_sign_request(http.HttpRequest(method, path, given, io.BytesIO(body.encode())), config).result(30)
    return dict(given)


class Wire(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = cls.enterClassContext(FakeCloud())
        cls.alice = cls.cloud.alice
        cls.issuer = Issuer(cls.cloud.folder)
        cls.cloud.world.update({
            "providers": [cls.issuer.provider],
            "roles": [{"name": "node", "path": "/machines/", "maxSessionDuration": 5400, "trust": [{"principals": [cls.alice.arn]}]},
                      {"name": "pod", "trust": [{"provider": cls.issuer.provider["url"], "subjects": ["system:serviceaccount:registry:gate"]}]}],
            "metadata": {"role": "node"},
            "containers": [{"path": "/v1/credentials", "role": "node", "tokenFile": str(cls.cloud.folder / "pod.token")}],
            "artifactory": {f"arn:aws:iam::{ACCOUNT}:role/machines/node": "deployer"},
            "secrets": [{"name": "given", "value": "{}"}],
        })
        cls.cloud.start()
        cls.host = cls.cloud.endpoint.removeprefix("http://")

    def setUp(self):
        self.cloud.control(clearFaults=True, clearCalls=True)

    def send(self, headers: dict, body: str, path: str = "/", method: str = "POST") -> tuple:
        """Status and body of a request with exactly these headers; Host is curl's own, and the same."""
        words = [word for name, value in headers.items() if name.lower() != "host" for word in ("-H", f"{name}: {value}")]
        data = ["--data-binary", body] if method == "POST" else ["-X", method]
        answer = self.cloud.curl(*words, *data, url=self.cloud.endpoint + path)
        text, status = answer.stdout.rsplit("\n", 1)
        return int(status), text

    def as_alice(self, body: str = WHO, **options) -> dict:
        return signed((self.alice.key_id, self.alice.secret), body, host=self.host, headers={"Content-Type": FORM}, **options)

    def refused(self, status: int, code: str, answer: tuple):
        self.assertEqual((answer[0], f"<Code>{code}</Code>" in answer[1]), (status, True), answer)

    # Signatures.

    def test_two_foreign_signers_are_understood(self):
        self.assertIn(f"<Arn>{self.alice.arn}</Arn>", self.cloud.curl("-d", WHO, user=self.alice).stdout)
        self.assertEqual(self.send(self.as_alice(), WHO)[0], 200)
        self.assertEqual(self.send(self.as_alice(asymmetric=True, region="*"), WHO)[0], 200)

    def test_no_signature_is_a_missing_token(self):
        self.refused(403, "MissingAuthenticationToken", self.send({}, WHO))
        status, body = self.send({"X-Amz-Target": "secretsmanager.GetSecretValue", "Content-Type": "application/x-amz-json-1.1"}, "{}")
        self.assertEqual((status, json.loads(body)["__type"]), (400, "MissingAuthenticationTokenException"))

    def test_half_a_signature_is_incomplete(self):
        good = self.as_alice()
        for part in ("Credential", "SignedHeaders", "Signature"):
            with self.subTest(part):
                self.refused(400, "IncompleteSignature", self.send({**good, "Authorization": good["Authorization"].replace(part + "=", "Other=")}, WHO))
        self.refused(400, "IncompleteSignature", self.send({name: value for name, value in good.items() if name != "X-Amz-Date"}, WHO))
        self.refused(400, "IncompleteSignature", self.send({**good, "Authorization": "Bearer abc"}, WHO))

    def test_what_was_changed_on_the_way_does_not_match(self):
        good = self.as_alice()

        self.refused(403, "SignatureDoesNotMatch", self.send(good, WHO + "&Extra=1"))
        self.refused(403, "SignatureDoesNotMatch", self.send({**good, "Content-Type": "text/plain"}, WHO))
        self.refused(403, "SignatureDoesNotMatch", self.send(good, WHO, path="/?x=1"))
        self.refused(403, "SignatureDoesNotMatch", self.send(self.as_alice(service="ecr"), WHO))
        without_host = good["Authorization"].replace("host;", "")
        self.assertIn("'host' must be", self.send({**good, "Authorization": without_host}, WHO)[1])

    def test_five_minutes_either_way(self):
        for shift, status in ((-290, 200), (290, 200), (-310, 403), (310, 403)):
            with self.subTest(shift):
                self.assertEqual(self.send(self.as_alice(shift=shift), WHO)[0], status)

    # Identity providers.

    def exchange(self, token: str, role: str = "pod") -> tuple:
        form = {"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": role_arn(role), "RoleSessionName": "irsa", "WebIdentityToken": token}
        return self.send({"Content-Type": FORM}, urllib.parse.urlencode(form))

    def test_a_token_of_the_provider_becomes_a_session(self):
        status, body = self.exchange(self.issuer.mint())

        self.assertEqual(status, 200, body)
        self.assertIn("<SubjectFromWebIdentityToken>system:serviceaccount:registry:gate</SubjectFromWebIdentityToken>", body)
        self.assertIn("<Audience>sts.amazonaws.com</Audience>", body)

    def test_any_other_token_is_refused_for_what_is_wrong(self):
        self.refused(400, "ExpiredTokenException", self.exchange(self.issuer.mint(at="2026-01-01T00:00:00Z")))
        self.refused(400, "InvalidIdentityToken", self.exchange(self.issuer.mint(audience="registry")))
        self.refused(400, "InvalidIdentityToken", self.exchange(self.issuer.mint(issuer="https://elsewhere.example.com")))
        self.refused(400, "InvalidIdentityToken", self.exchange(Issuer(self.cloud.folder, "mallory").mint()))
        self.refused(400, "InvalidIdentityToken", self.exchange("not.a.token"))
        self.refused(403, "AccessDenied", self.exchange(self.issuer.mint(subject="system:serviceaccount:registry:other")))
        self.refused(403, "AccessDenied", self.exchange(self.issuer.mint(), role="machines/node"))

    # Machines.

    def metadata(self, path: str, *words: str) -> tuple:
        text, status = self.cloud.curl(*words, url=self.cloud.endpoint + path).stdout.rsplit("\n", 1)
        return int(status), text

    def test_imds_wants_a_token_first(self):
        roles, token_path, ttl = "/latest/meta-data/iam/security-credentials/", "/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds: "
        self.assertEqual(self.metadata(roles)[0], 401)
        self.assertEqual(self.metadata(token_path, "-X", "PUT")[0], 400)
        self.assertEqual(self.metadata(token_path, "-X", "PUT", "-H", ttl + "21601")[0], 400)
        self.assertEqual(self.metadata(token_path, "-X", "PUT", "-H", ttl + "60", "-H", "X-Forwarded-For: 10.0.0.1")[0], 403)

        status, token = self.metadata(token_path, "-X", "PUT", "-H", ttl + "21600")
        with_token = ("-H", "X-aws-ec2-metadata-token: " + token)
        self.assertEqual((status, self.metadata(roles, *with_token)), (200, (200, "node")))
        first, again = (json.loads(self.metadata(roles + "node", *with_token)[1]) for _ in range(2))
        self.assertEqual(("Success", first["AccessKeyId"], first["Expiration"]), (again["Code"], again["AccessKeyId"], again["Expiration"]))
        self.assertEqual(self.metadata(roles + "other", *with_token)[0], 404)

    def test_a_pod_shows_the_token_that_is_in_its_file_now(self):
        self.cloud.write("pod.token", "first")
        self.assertEqual(self.metadata("/v1/credentials")[0], 401)
        self.assertEqual(self.metadata("/v1/credentials", "-H", "Authorization: first")[0], 200)

        self.cloud.write("pod.token", "second")

        self.assertEqual(self.metadata("/v1/credentials", "-H", "Authorization: first")[0], 401)
        self.assertEqual(json.loads(self.metadata("/v1/credentials", "-H", "Authorization: second")[1])["AccountId"], ACCOUNT)

    def test_iam_tells_how_long_a_role_may_last(self):
        answer = self.cloud.curl("-d", "Action=GetRole&Version=2010-05-08&RoleName=node", user=self.alice, service="iam", region="us-east-1").stdout
        self.assertIn("<MaxSessionDuration>5400</MaxSessionDuration>", answer)
        self.assertIn("NoSuchEntity", self.cloud.curl("-d", "Action=GetRole&Version=2010-05-08&RoleName=x", user=self.alice, service="iam", region="us-east-1").stdout)

    # The exchange of Artifactory.

    def node_session(self) -> tuple:
        given = self.cloud.curl("-d", f"Action=AssumeRole&Version=2011-06-15&RoleSessionName=ci&RoleArn=arn:aws:iam::{ACCOUNT}:role/machines/node", user=self.alice)
        root = xml.etree.ElementTree.fromstring(given.stdout.rsplit("\n", 1)[0])
        return tuple(root.findtext(".//{*}" + name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))

    def ask_artifactory(self, credentials: tuple, region_set: str = "*", query: str = "", host: str = "sts.amazonaws.com", **changes) -> tuple:
        headers = signed(credentials, "", method="GET", path="/?" + WHO, host=host, region=region_set, asymmetric=True)
        return self.send({**headers, **changes, "Content-Type": "application/json"}, '{"expires_in": 600}', path="/access/api/v1/aws/token" + query)

    def test_artifactory_gives_the_user_of_the_role(self):
        session = self.node_session()
        status, body = self.ask_artifactory(session)
        self.assertEqual((status, json.loads(body)["username"], json.loads(body)["expires_in"]), (200, "deployer", 600))
        self.assertEqual(self.ask_artifactory(session, REGION, f"?region={REGION}", f"sts.{REGION}.amazonaws.com")[0], 200)

        self.assertEqual(self.ask_artifactory(session, "eu-north-1")[0], 401, "signed for another region")
        self.assertEqual(self.ask_artifactory((session[0], User("mallory").secret, session[2]))[0], 401, "another secret")
        self.assertEqual(self.ask_artifactory(session, **{"X-Amz-Region-Set": "us-east-1"})[0], 401, "the region set was changed")
        self.assertEqual(self.ask_artifactory((self.alice.key_id, self.alice.secret))[0], 401, "a user has no role")
        self.assertEqual(self.ask_artifactory(session, query="?region=us-east-1")[0], 401, "signed for another host")

    # Faults.

    def whoami(self, *words: str):
        return self.cloud.curl(*words, "-d", WHO, user=self.alice)

    def test_a_fault_shows_as_often_as_it_was_asked_for(self):
        self.cloud.fault("sts", 503, "GetCallerIdentity", 2)
        self.assertEqual([self.whoami().stdout[-3:] for _ in range(3)], ["503", "503", "200"])
        self.assertEqual(self.cloud.calls("GetCallerIdentity"), 3)

    def test_faults_have_the_codes_of_their_service(self):
        for word, query_code, json_code in (("throttle", "Throttling", "ThrottlingException"), ("expired-token", "ExpiredToken", "ExpiredTokenException"),
                                            ("access-denied", "AccessDenied", "AccessDeniedException")):
            with self.subTest(word):
                self.cloud.fault("sts", word, times=1)
                self.cloud.fault("secretsmanager", word, times=1)
                self.assertIn(f"<Code>{query_code}</Code>", self.whoami().stdout)
                answer = self.cloud.curl("-H", "X-Amz-Target: secretsmanager.GetSecretValue", "-d", "{}", user=self.alice, service="secretsmanager").stdout
                self.assertEqual(json.loads(answer.rsplit("\n", 1)[0])["__type"], json_code)

    def test_an_answer_may_be_cut_spoilt_or_reordered(self):
        self.cloud.fault("sts", "cut", times=1)
        self.assertEqual(self.whoami().returncode, 18, "curl: transfer closed with outstanding data")
        self.cloud.fault("sts", "wrong-xml", times=1)
        with self.assertRaises(xml.etree.ElementTree.ParseError):
            xml.etree.ElementTree.fromstring(self.whoami().stdout.rsplit("\n", 1)[0])
        self.cloud.fault("sts", "reordered-xml", times=1)
        root = xml.etree.ElementTree.fromstring(self.whoami().stdout.rsplit("\n", 1)[0])
        self.assertEqual(([child.tag.split("}")[1] for child in root], root.findtext(".//{*}Arn")),
                         (["ResponseMetadata", "GetCallerIdentityResult"], self.alice.arn))

    def test_an_answer_may_be_slow(self):
        for word, least in (("slow-bytes", 0.3), ("delay", 0.3)):
            with self.subTest(word):
                self.cloud.fault("sts", word, times=1, pauseMs=1 if word == "slow-bytes" else 300)
                started = time.monotonic()
                answer = self.whoami()
                self.assertIn(self.alice.arn, answer.stdout)
                self.assertGreater(time.monotonic() - started, least)

    def test_calls_are_counted_by_who_made_them(self):
        self.whoami()
        self.send({}, WHO)
        calls = json.loads(self.cloud.curl(url=self.cloud.control_url + "/control/calls").stdout.rsplit("\n", 1)[0])
        self.assertEqual(sorted((call["principal"], call["count"], call["errors"]) for call in calls["calls"]),
                         [(self.alice.arn, 1, {}), ("unknown", 1, {"MissingAuthenticationToken": 1})])

    def test_a_wish_that_is_not_understood_is_said(self):
        for wish in ('{"fautl":{}}', '{"service":"sts","status":"sometimes"}', '{"role":{"name":"nobody","trust":[]}}', "[]", "{"):
            with self.subTest(wish):
                self.assertEqual(self.cloud.curl("-d", wish, url=self.cloud.control_url + "/control").stdout[-3:], "400")

    def test_a_world_that_is_not_understood_does_not_start(self):
        for world in ('{"regions":["eu-west-1"],"roels":[]}', '{"regions":[]}', "{"):
            with self.subTest(world):
                self.cloud.write("bad.json", world)
                self.assertEqual(run([CLOUD, "--world", "bad.json"], self.cloud.folder).returncode, 1)


if __name__ == "__main__":
    unittest.main()
