#!/usr/bin/env python3
"""A stand-in for the gateway of the compose stack: the same answers and frames over real HTTP and WebSocket, and no stack behind it.

    python3 stack.py PORT_FILE [--beat SECONDS] [--fault NAME]

It listens on a free port of the loopback interface and writes the port into PORT_FILE. Only the standard library is used. A fault breaks
one thing, as a defect of the stack would; `FAULTS` says what each is. Values are invented; no code of that system is in here.
"""
import argparse
import base64
import hashlib
import http.server
import json
import pathlib
import queue
import threading
import time
import urllib.parse
import uuid

FAULTS = {
    "lost-result": "the result of the echo is not stored",
    "error-result": "the chat answers with an error and calls it success",
    "lost-context": "the context of the chat is not stored",
    "lost-trace": "the echo is not entered into its trace",
    "double-result": "the echo's result is sent twice",
    "silent-worker": "the echo's worker sends no heartbeat before its first result",
    "cut-stream": "the stream ends with the last result",
    "early-step": "the step behind the approval does not wait for it",
    "refused-runs": "a refused run runs on",
    "hang": "the code job is given up by the reconciler",
    "lost-child": "a child of the review runs in a trace of its own",
    "skipped-stage": "the review leaves out its second stage",
    "forgetful": "the chat's memory keeps its last message only",
    "open-policy": "the echo runs under a topic that the policy denies",
}
WORKERS = {
    "job.echo": "echo-worker",
    "job.chat.simple": "chat-worker",
    "job.chat.advanced": "advanced-chat-worker",
    "job.code.llm": "code-worker",
    "job.workflow.repo.code_review": "review-worker",
    "job.repo.scan": "scan-worker",
    "job.repo.sast": "sast-worker",
    "job.repo.partition": "partition-worker",
    "job.repo.lint": "lint-worker",
    "job.repo.report": "report-worker",
}
STAGES = ["job.repo.scan", "job.repo.sast", "job.repo.partition", "job.repo.lint", "job.code.llm", "job.chat.simple", "job.repo.report"]
REVIEW = "job.workflow.repo.code_review"


def stamp():
    now = time.time_ns()
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9)) + f".{now % 10**9:09d}Z"


class Stack:
    """Scheduler, store, workers and engine in one process."""

    def __init__(self, beat, fault):
        self.beat, self.fault = beat, fault
        self.rows, self.traces, self.store, self.results = {}, {}, {}, {}
        self.workflows, self.runs, self.streams = {}, {}, []
        self.silenced = fault == "silent-worker"
        self.lock = threading.RLock()
        threading.Thread(target=self.heartbeats, daemon=True).start()

    # The stream.

    def send(self, trace, sender, **payload):
        frame = {"traceId": trace, "senderId": sender, "createdAt": stamp(), "protocolVersion": 1, **payload}
        with self.lock:
            for stream in self.streams:
                stream.put(json.dumps(frame))

    def heartbeats(self):
        while True:
            for worker in WORKERS.values():
                if self.silenced and worker == "echo-worker":
                    continue
                pool = worker.removesuffix("-worker")
                beat = {"workerId": worker, "region": "local", "type": "cpu", "cpuLoad": 4.2, "capabilities": [pool], "pool": pool}
                self.send(f"hb-{worker}", worker, heartbeat={**beat, "maxParallelJobs": 1})
            time.sleep(self.beat)

    # Jobs.

    def submit(self, topic, context, sender, job=None, trace=None, parent=None, memory=None, workflow=None):
        job, trace = job or str(uuid.uuid4()), trace or str(uuid.uuid4())
        if parent and self.fault == "lost-child" and topic == "job.repo.sast":
            trace = str(uuid.uuid4())
        if self.fault == "open-policy" and topic == "job.echo" and not workflow:
            topic = "sys.echo"
        row = {"id": job, "trace_id": trace, "updated_at": int(time.time()), "state": "RUNNING", "topic": topic, "tenant": "default"}
        lost = self.fault == "lost-trace" and topic == "job.echo" and not workflow
        with self.lock:
            self.rows[job] = {**row, "safety_decision": "ALLOW"}
            if lost:
                del self.rows[job]["trace_id"]
            else:
                self.traces.setdefault(trace, []).append(job)
            if not (self.fault == "lost-context" and topic == "job.chat.simple" and not parent):
                self.store[f"ctx:{job}"] = context
        request = {"jobId": job, "topic": topic, "priority": "JOB_PRIORITY_INTERACTIVE", "contextPtr": f"redis://ctx:{job}"}
        named = {"parentJobId": parent, "memoryId": memory, "workflowId": workflow}
        request.update({key: value for key, value in named.items() if value})
        self.send(trace, sender, jobRequest={**request, "env": {"tenant_id": "default"}})
        worker = threading.Thread(target=self.work, args=(job, trace, topic, context, memory), daemon=True)
        worker.start()
        return job, trace, worker

    def work(self, job, trace, topic, context, memory):
        began = time.time()
        time.sleep(0.01)
        worker = WORKERS.get(topic, "echo-worker")
        if self.fault == "hang" and topic == "job.code.llm":
            self.rows[job].update(state="TIMEOUT")
            return
        pointer = f"redis://res:{job}"
        if topic == REVIEW:
            pointer = f"redis://res:{self.review(job, trace, context)}"
        else:
            result = self.answer(job, topic, context, worker, memory)
            if not (self.fault == "lost-result" and topic == "job.echo"):
                self.store[f"res:{job}"] = result
        spent = {"executionMs": str(max(1, int((time.time() - began) * 1000)))}
        result = {"jobId": job, "status": "JOB_STATUS_SUCCEEDED", "resultPtr": pointer, "workerId": worker, **spent}
        for _ in range(2 if self.fault == "double-result" and topic == "job.echo" else 1):
            self.send(trace, worker, jobResult=result)
        self.silenced = False
        with self.lock:
            self.rows[job].update(state="SUCCEEDED", updated_at=int(time.time()))
            self.results[job] = pointer
            for run in self.runs.values():
                for step in run["steps"].values():
                    if step.get("job_id") == job:
                        step.update(status="succeeded", completed_at=stamp(), output=pointer)
                        run.update(status="succeeded", completed_at=stamp(), updated_at=stamp())

    def answer(self, job, topic, context, worker, memory):
        told = {"processed_by": worker, "completed_at": stamp()}
        prompt = context.get("prompt", "")
        if topic in ("job.echo", "sys.echo"):
            return {"job_id": job, "received_ctx": context, **told}
        if topic.startswith("job.chat."):
            if self.fault == "error-result" and topic == "job.chat.simple":
                told["error"] = "model not found"
            if topic == "job.chat.advanced":
                events = [] if self.fault == "forgetful" else self.store.get(f"mem:{memory}:events", [])
                at = int(time.time())
                said = [{"role": "user", "content": prompt, "timestamp": at}, {"role": "assistant", "content": f"About {prompt}.", "timestamp": at}]
                self.store[f"mem:{memory}:events"] = events + said
            return {"job_id": job, "prompt": prompt, "response": f"About {prompt}.", "model": "stand-in", **told}
        if topic == "job.code.llm":
            patch = {"type": "unified_diff", "content": f"+ {prompt}"}
            return {"file_path": "main.go", "original_code": "", "instruction": prompt, "patch": patch, "model": "stand-in", **told}
        if topic == "job.repo.report":
            return {"summary": "one file, nothing found", "action_required": False, "decision": "approve", "sections": []}
        return {"findings": [], **told}

    def review(self, job, trace, context):
        last = ""
        for topic in STAGES:
            if self.fault == "skipped-stage" and topic == "job.repo.sast":
                continue
            stage = {"prompt": f"{topic} of {context.get('repo_url', '')}"}
            last, _, worker = self.submit(topic, stage, "review-worker", trace=trace, parent=job)
            worker.join()
        return last

    # Workflow runs.

    def start(self, workflow, given):
        run, now = str(uuid.uuid4()), stamp()
        steps = {"approve": {"step_id": "approve", "status": "waiting", "started_at": now}}
        self.runs[run] = {
            "id": run, "workflow_id": workflow, "org_id": "default", "team_id": "", "input": given, "context": None, "status": "waiting",
            "started_at": now, "completed_at": None, "output": None, "error": None, "steps": steps, "total_cost": 0, "created_at": now,
            "updated_at": now,
        }
        return run

    def approve(self, run, granted):
        own = self.runs[run]
        step = own["steps"]["approve"]
        if self.fault == "early-step":
            self.behind(own)
            time.sleep(0.1)
        step.update(status="succeeded" if granted else "failed", completed_at=stamp())
        if not granted:
            own.update(status="failed", completed_at=stamp(), updated_at=stamp())
        if self.fault != "early-step" and (granted or self.fault == "refused-runs"):
            self.behind(own)

    def behind(self, run):
        job = f"{run['id']}:echo@1"
        began = {"step_id": "echo", "status": "running", "started_at": stamp(), "attempts": 1, "job_id": job}
        run["steps"]["echo"] = began
        run["status"] = "running"
        context = {"prompt": run["input"]["prompt"]}
        self.submit("job.echo", context, "workflow-engine", job=job, trace=run["id"], workflow=run["workflow_id"])

    # What the gateway shows.

    def row(self, job):
        return dict(self.rows[job])

    def detail(self, job):
        row, pointer = self.row(job), self.results.get(job, "")
        shown = {"context": self.store.get(f"ctx:{job}"), "context_ptr": f"redis://ctx:{job}", "result_ptr": pointer}
        shown["result"] = self.store.get(pointer.removeprefix("redis://")) if pointer else None
        return {"trace_id": "", "safety_reason": "", **row, **shown}

    def memory(self, pointer):
        key = pointer.removeprefix("redis://")
        value = self.store.get(key)
        if value is None:
            return None
        kind = {"ctx": "context", "res": "result", "mem": "memory"}[key.split(":")[0]]
        if kind == "memory":
            value = {"redis_type": "list", "length": len(value), "items": value}
        text = json.dumps(value)
        coded = base64.b64encode(text.encode()).decode()
        return {"pointer": pointer, "key": key, "kind": kind, "size_bytes": len(text.encode()), "base64": coded, "text": text, "json": value}


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, value, code=200):
        body = b"" if value is None else (value if isinstance(value, str) else json.dumps(value)).encode() + b"\n"
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def parts(self):
        address = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(address.query))
        return [urllib.parse.unquote(part) for part in address.path.split("/")[3:]], asked

    def barred(self, asked):
        known = self.headers.get("X-API-Key") == self.server.key or asked.get("api_key") == self.server.key
        if not known:
            self.say("unauthorized", 401)
        return not known

    def do_GET(self):
        stack, (way, asked) = self.server.stack, self.parts()
        if self.barred(asked):
            return
        match way:
            case ["stream"]:
                self.stream()
            case ["jobs"]:
                rows = [stack.row(job) for job in reversed(stack.rows)]
                self.say({"items": rows[: int(asked.get("limit", 50))], "next_cursor": None})
            case ["jobs", job] if job in stack.rows:
                self.say(stack.detail(job))
            case ["traces", trace]:
                self.say([{**stack.row(job), "updated_at": 0} for job in stack.traces.get(trace, [])])
            case ["memory"]:
                shown = stack.memory(asked.get("ptr", ""))
                self.say(shown or "not found", 200 if shown else 404)
            case ["workers"]:
                self.say([{"worker_id": worker, "region": "local", "type": "cpu", "pool": worker.removesuffix("-worker")} for worker in WORKERS.values()])
            case ["dlq"]:
                self.say([])
            case ["workflows", workflow]:
                self.say(stack.workflows[workflow])
            case ["workflow-runs", run]:
                self.say(stack.runs[run])
            case _:
                self.say("not found", 404)

    def do_POST(self):
        stack, (way, asked) = self.server.stack, self.parts()
        given = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        if self.barred(asked):
            return
        match way:
            case ["jobs"]:
                context = {"prompt": given["prompt"], "topic": given["topic"], "created_at": stamp(), "tenant_id": "default"}
                job, trace, _ = stack.submit(given["topic"], context, "api-gateway-http", memory=given.get("memory_id"))
                self.say({"job_id": job, "trace_id": trace})
            case ["repo-review"]:
                job, trace, _ = stack.submit(REVIEW, {**given, "created_at": stamp()}, "api-gateway-repo-review")
                self.say({"job_id": job, "trace_id": trace})
            case ["workflows"]:
                workflow = str(uuid.uuid4())
                steps = {name: {"id": name, **step} for name, step in given["steps"].items()}
                stack.workflows[workflow] = {**given, "id": workflow, "steps": steps, "created_at": stamp()}
                self.say({"id": workflow}, 201)
            case ["workflows", workflow, "runs"]:
                self.say({"run_id": stack.start(workflow, given)})
            case ["workflows", _, "runs", run, "steps", _, "approve"]:
                stack.approve(run, given["approved"])
                self.say(None, 204)
            case _:
                self.say("not found", 404)

    def stream(self):
        """Answers the handshake of a WebSocket and sends a text frame for each message, until the client goes."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        own = queue.Queue()
        with self.server.stack.lock:
            self.server.stack.streams.append(own)
        self.close_connection = True
        while True:
            body = own.get().encode()
            size = bytes([len(body)]) if len(body) < 126 else b"\x7e" + len(body).to_bytes(2, "big")
            try:
                self.wfile.write(b"\x81" + size + body)
                self.wfile.flush()
            except OSError:
                return


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port_file", type=pathlib.Path)
    parser.add_argument("--key", default="stand-in")
    parser.add_argument("--beat", type=float, default=5.0)
    parser.add_argument("--fault", choices=sorted(FAULTS))
    args = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.daemon_threads = True
    server.key, server.stack = args.key, Stack(args.beat, args.fault)
    waiting = args.port_file.with_suffix(".new")
    waiting.write_text(str(server.server_address[1]))
    waiting.rename(args.port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
