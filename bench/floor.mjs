// What any program takes that loads Node's HTTPS client and asks once: beside it stands what first-call.mjs tells, measured
// in turn on the same machine under the same load.
process.once("message", ({ url }) => {
  const before = process.cpuUsage();
  const https = process.getBuiltinModule("node:https");
  https.get(url, { agent: new https.Agent({ keepAlive: true }) }, (response) => {
    response.resume().on("end", () => {
      const { user, system } = process.cpuUsage(before);
      process.send({ total: (user + system) / 1000 }, () => process.exit());
    });
  });
});
