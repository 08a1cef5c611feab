// Ask a running service for topics and stances, with the fetch of Node 18 and later.
//   node examples/predict.mjs [http://127.0.0.1:3000]
const url = process.argv[2] ?? process.env.STANDPOINT_URL ?? "http://127.0.0.1:3000";

const passages = [
  { id: "one", text: "Shipowners condemned the sanctions as a burden on trade.", targets: ["the sanctions"] },
  { id: "two", text: "The envoy defended the sanctions as the only answer left.", targets: ["the sanctions"] },
  { id: "three", text: " " }, // invalid: comes back with an error in its place
];

const response = await fetch(`${url}/v1/predict`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ passages }),
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
