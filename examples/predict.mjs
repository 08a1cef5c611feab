// Ask a running service for topics and stances, with the fetch of Node 18 and later.
//   node examples/predict.mjs [http://127.0.0.1:3000]
// STANDPOINT_KEY holds the key, where the service asks for one.
const url = process.argv[2] ?? process.env.STANDPOINT_URL ?? "http://127.0.0.1:3000";
const key = process.env.STANDPOINT_KEY;

const passages = [
  { id: "one", text: "Shipowners condemned the sanctions as a burden on trade.", targets: ["the sanctions"] },
  { id: "two", text: "The envoy defended the sanctions as the only answer left.", targets: ["the sanctions"] },
  { id: "three", text: " " }, // invalid: comes back with an error in its place
];
const attempts = 5;
const timeoutMilliseconds = 90_000; // the service gives up after 60 seconds

// Where the service is busy, wait as long as it says and ask again: nothing is done twice.
async function ask() {
  for (let left = attempts - 1; ; left--) {
    const response = await fetch(`${url}/v1/predict`, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(key && { Authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ passages }),
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    if (![429, 503].includes(response.status) || left === 0) return response;
    const seconds = Number(response.headers.get("Retry-After") ?? 1);
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

const response = await ask().catch((error) => {
  console.error(`${url}: ${error.cause?.message ?? error.message}`);
  process.exit(1);
});
const answer = await response.json();
if (!response.ok) {
  console.error(`${response.status}: ${answer.error.message}`);
  process.exit(1);
}
for (const prediction of answer.predictions) {
  if (prediction.error) {
    console.log(prediction.id, "refused:", prediction.error.message);
    continue;
  }
  const topics = (prediction.topics ?? []).filter((topic) => topic.decided).map((topic) => topic.topic);
  console.log(prediction.id, "topics:", topics.join(", "));
  for (const row of prediction.stances ?? []) {
    console.log(prediction.id, row.target, "->", row.stance ?? `withheld (${row.abstain})`);
  }
}
