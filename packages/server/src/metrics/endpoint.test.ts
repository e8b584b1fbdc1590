import { expect, test } from "vitest";
import { StartupError } from "../startup-error.js";
import { serveMetrics } from "./endpoint.js";
import { createPrometheus } from "./prometheus.js";

test("[OPS20] a METRICS_PORT that is taken is one line that says what to do", async () => {
  const first = await serveMetrics(await createPrometheus(), 0);
  const second = serveMetrics(await createPrometheus(), first.port);
  await expect(second).rejects.toThrow(StartupError);
  await expect(second).rejects.toThrow(`METRICS_PORT ${first.port} is taken by another program`);
  await first.close();
});
