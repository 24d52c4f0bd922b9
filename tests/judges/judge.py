"""What the judges on Python share: steps told as JSON lines, words of the test, REST calls, waiting."""

import json
import queue
import sys
import urllib.request

# Far longer than anything here takes.
PATIENCE = 30

settings = json.loads(sys.argv[1])


def say(step, **details):
    """Tells the test how far this is."""
    print(json.dumps({"step": step, **details}), flush=True)


def hear(word):
    """Waits for a word of the test."""
    heard = sys.stdin.readline().strip()
    assert heard == word, heard


def post(path, body, token=None):
    """A REST call that must succeed."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = json.dumps(body).encode()
    request = urllib.request.Request(settings["apiUrl"] + path, data, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        answer = json.load(response)
    assert answer["success"] is True and answer["errorCode"] == 0, answer
    return answer


def log_in():
    """A token."""
    body = {"userName": settings["userName"], "apiKey": settings["apiKey"]}
    return post("/api/Auth/loginKey", body)["token"]


class News:
    """What other threads tell, one after the other."""

    def __init__(self):
        self._news = queue.Queue()

    def put(self, *news):
        self._news.put(news)

    def until(self, is_it):
        """Takes news until one is it."""
        while True:
            news = self._news.get(timeout=PATIENCE)
            if is_it(*news):
                return news
