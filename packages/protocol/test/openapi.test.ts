import { describe, expect, it } from "vitest";
import { endpoints, openApiDocument } from "../src/index.js";

describe("[HTTP3] the OpenAPI document", () => {
  const document = openApiDocument({ version: "1.0.0" }) as {
    openapi: string;
    paths: Record<string, Record<string, { parameters: { name: string; in: string }[] }>>;
  };

  it("[HTTP3] is 3.1 and has the path that the seeds' front end looks for", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(document.paths["/users/{user_id}/password"]?.put).toBeDefined();
  });

  it("[HTTP3] describes every route and alias with all of its path parameters", () => {
    for (const endpoint of Object.values(endpoints)) {
      for (const { method, path } of [endpoint, ...endpoint.aliases]) {
        const operation = document.paths[path]?.[method.toLowerCase()];
        const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
        const inPath = operation?.parameters
          .filter((parameter) => parameter.in === "path")
          .map((p) => p.name);
        expect(inPath, `${method} ${path}`).toEqual(named);
      }
    }
  });
});
